//! What the providers speak: bytes to send, and what the bytes that come back mean.
//!
//! Everything here is pure. A dialect has a file of its own and turns its payloads into [`Chunk`]s; an [`Assembly`] makes
//! one reply of them, whatever the dialect. [`Dialect`] is the table of what differs.

pub mod anthropic;
mod assembly;
pub mod batch;
mod chunk;
mod dialect;
pub mod ollama;
pub mod openai;
mod options;
mod prepared;
pub mod responses;
mod server_error;
mod text;

pub use assembly::Assembly;
pub use chunk::{Chunk, Malformed};
pub use dialect::{Dialect, Framing, Home};
pub use options::Options;
pub use prepared::{Prepared, escaped};
pub use server_error::ServerError;
