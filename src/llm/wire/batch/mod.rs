//! What the batch engines speak: OpenAI's files and batches, and Anthropic's message batches.
//!
//! Everything here is pure: addresses, bodies to send, and what the bodies that come back mean.

mod anthropic;
mod engine;
mod openai;
mod outcome;
mod told;

pub use engine::Engine;
pub use openai::{Create, Form};
pub use outcome::Outcome;
pub use told::{Counts, Page, Told};
