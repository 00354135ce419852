//! What the providers speak: bytes to send, and what the bytes that come back mean.
//!
//! Everything here is pure. A dialect has a file of its own and turns its payloads into [`Chunk`]s; an [`Assembly`] makes
//! one reply of them, whatever the dialect.

mod assembly;
mod chunk;
pub mod openai;
mod server_error;

pub use assembly::Assembly;
pub use chunk::{Chunk, Malformed};
pub use server_error::ServerError;
