#![expect(
    missing_docs,
    reason = "the variants say what is recorded; the names of their fields say the rest"
)]

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::llm::Usage;
use crate::words::Digest;

/// What is done with a part of a document that a model writes. `text` is the part as it stood; `by` says in whose name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Filling {
    /// A prompt is about to be sent.
    Send {
        attempt: u32,
        text: Digest,
        prompt: Digest,
        endpoint: String,
        model: Option<String>,
    },
    /// A prompt is given to a person, who uses a tool of their own.
    Handed {
        attempt: u32,
        text: Digest,
        prompt: Digest,
    },
    /// The endpoint is asked again by itself: it may be billed.
    Retry { attempt: u32, request: u32, why: String },
    /// An answer came, whole.
    Reply {
        attempt: u32,
        reply: Digest,
        model: Option<String>,
        usage: Option<Usage>,
        request_id: Option<String>,
    },
    /// No answer came that can be used; what came of it is kept.
    NoReply {
        attempt: u32,
        why: String,
        partial: Option<Digest>,
    },
    /// A person changed the answer, and goes on with it.
    Edited { attempt: u32, answer: Digest },
    /// The answer was not good: it is asked again, by a person with a note, or for what was found in it.
    Again {
        attempt: u32,
        note: Option<String>,
        by: Option<String>,
    },
    /// This answer is about to be written into the document.
    Write {
        attempt: u32,
        answer: Digest,
        by: String,
    },
}

impl fmt::Display for Filling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send { endpoint, prompt, .. } => {
                write!(f, "about to send prompt {} to {endpoint}", prompt.short())
            }
            Self::Handed { prompt, .. } => write!(f, "prompt {} given to the person", prompt.short()),
            Self::Retry { request, why, .. } => write!(f, "request {request} follows: {why}"),
            Self::Reply { reply, .. } => write!(f, "answer {}", reply.short()),
            Self::NoReply { why, .. } => write!(f, "no answer: {why}"),
            Self::Edited { answer, .. } => write!(f, "the person made it {}", answer.short()),
            Self::Again { by: None, .. } => f.write_str("not taken, for what was found in it"),
            Self::Again {
                note: None,
                by: Some(by),
                ..
            } => write!(f, "not taken by {by}"),
            Self::Again {
                note: Some(note),
                by: Some(by),
                ..
            } => write!(f, "not taken by {by}: {note}"),
            Self::Write { answer, by, .. } => {
                write!(f, "about to be written as {}, said {by}", answer.short())
            }
        }
    }
}
