//! The servers' side of what the providers speak: what a request's bytes ask, and the bytes of what is answered.
//!
//! Everything here is pure. A dialect has a file of its own; this is the door to them all.

mod chat;
mod count;
mod error;
mod headers;
mod ids;
mod json;
mod messages;
mod models;
mod ollama;
mod read;
mod refused;
mod responses;
mod said;
mod stream;
mod whole;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

pub use count::count_tokens;
pub use headers::{Header, headers};
pub use models::{
    anthropic_model, anthropic_models, ollama_show, ollama_tags, ollama_version, openai_model, openai_models,
};
pub use read::{read, read_counted};
pub use refused::{Refused, refused};
pub use stream::{Stream, stream_type};
pub use whole::{content_type, whole};

use super::{Dialect, Part, ToolCall};
use crate::llm::Finish;

/// A request for a reply, as its dialect has it. What is not needed for an answer is skipped, as a provider skips what it
/// does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked<'a> {
    /// The model that is asked for.
    pub model: Cow<'a, str>,
    /// What the model is told, in the order in which the provider reads it: system texts first where they stand apart.
    pub parts: Vec<Part<'a>>,
    /// Whether the reply is to be streamed.
    pub stream: bool,
    /// Whether the stream is to tell the tokens (`stream_options.include_usage`); dialects that always do say so.
    pub usage: bool,
    /// The most tokens that the reply may have.
    pub max_tokens: Option<u64>,
}

/// Tokens of a request and its reply, as the providers account for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// All tokens of the request, those of the next two among them.
    pub input: u64,
    /// Those that were read from the provider's cache.
    pub read: u64,
    /// Those that were written to it at the sender's request (Anthropic).
    pub written: u64,
    /// Tokens of the reply.
    pub output: u64,
}

/// A reply with all that its dialect tells about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Saying {
    /// How to say it.
    pub dialect: Dialect,
    /// Number of the request, from 1: all ids are made of it, so that the same requests in the same order have the same.
    pub number: u64,
    /// Seconds since 1970.
    pub created: i64,
    /// The model that answers: the one that was asked for.
    pub model: String,
    /// All that is said.
    pub text: Arc<str>,
    /// The tools that are to be called.
    pub calls: Vec<ToolCall>,
    /// Why it stops.
    pub finish: Finish,
    /// Tokens.
    pub spent: Spent,
    /// Whether the stream tells them.
    pub usage: bool,
}
