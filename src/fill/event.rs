#![expect(
    missing_docs,
    reason = "the variants say what happened; the names of their fields say the rest"
)]

use std::time::Duration;

use super::part::Part;
use super::prompt::FillPrompt;
use crate::llm::{Amount, Usage};
use crate::session::Spent;
use crate::words::Diagnostic;

/// A section that has something left to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Where the first of it stands, from 1.
    pub line: usize,
    /// The headings of the section; empty for the header of the document.
    pub section: String,
    /// How many hints are left in it.
    pub hints: usize,
    /// How many placeholders.
    pub placeholders: usize,
}

/// Something that happened while a document was filled in.
#[derive(Debug)]
pub enum FillEvent<'a> {
    /// It begins: so many parts have something to fill in.
    Started {
        path: &'a str,
        title: &'a str,
        endpoint: &'a str,
        parts: usize,
    },
    /// A part is opened, the nth of so many.
    Part {
        part: &'a Part,
        number: usize,
        of: usize,
        hints: &'a [String],
    },
    /// A prompt is ready.
    Prompt {
        prompt: &'a FillPrompt,
        tokens: u64,
        estimated: bool,
        cost: Option<&'a Amount>,
    },
    /// It is being sent.
    Sent {
        endpoint: &'a str,
        model: Option<&'a str>,
        attempt: u32,
    },
    /// More of the answer.
    Text { text: &'a str },
    /// The endpoint is asked again by itself.
    Retry {
        request: u32,
        wait: Duration,
        why: &'a str,
    },
    /// The answer is whole, or was stored.
    Replied {
        usage: Option<Usage>,
        cost: Option<&'a Amount>,
        stored: bool,
    },
    /// An answer goes back to the model for what was found in it, without asking.
    Returned {
        round: u32,
        of: u32,
        found: &'a [Diagnostic],
    },
    /// A part was saved.
    Saved { part: &'a Part },
    /// A part was left as it is.
    Skipped { part: &'a Part },
    /// It ends: what was spent, and what is left.
    Ended {
        path: &'a str,
        spent: &'a Spent,
        saved: usize,
        left: &'a [Left],
    },
}

/// Takes what is told while a document is filled in.
pub trait FillListener {
    /// Takes one event. One that cannot be told (a closed pipe) is kept until it is [asked](Self::broken) for.
    fn tell(&mut self, event: &FillEvent<'_>);

    /// The text of an answer came to its end, or to nothing.
    fn settle(&mut self) {}

    /// Why nothing can be told any more, where that is so.
    fn broken(&self) -> Option<std::io::ErrorKind> {
        None
    }
}
