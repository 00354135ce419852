//! Changes to a plan's bytes. A tick is one byte; a field of the header is the bytes of its value. Nothing is reprinted.

use super::{Checkbox, Plan, Step};
use crate::words::{Digest, Hasher, Source, Span};

/// One byte to change in a plan, with the line that it was decided on: if the line has changed, the edit is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// The byte between the brackets.
    pub offset: usize,
    /// Where the line begins.
    pub line_start: usize,
    /// The line as it was read, without its end.
    pub line: String,
    /// Whether the box is to be ticked or unticked.
    pub to: bool,
}

impl Tick {
    /// Ticks or unticks a box. `None` where it is so already: the person was there first, and nothing is written twice.
    pub fn of(checkbox: &Checkbox, to: bool, source: &Source) -> Option<Self> {
        if checkbox.done == to {
            return None;
        }
        let line = source.line_span(source.line(checkbox.offset));
        Some(Self {
            offset: checkbox.offset,
            line_start: line.start,
            line: source.slice(&line).to_owned(),
            to,
        })
    }

    /// The byte that is written.
    pub fn byte(&self) -> u8 {
        if self.to { b'x' } else { b' ' }
    }
}

/// Bytes of the header to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// What is replaced.
    pub span: Span,
    /// What stands there now.
    pub from: String,
    /// What comes in its place.
    pub to: String,
}

impl Splice {
    /// Sets the value of a header field; `None` where there is no such field or it has that value.
    pub fn field(field: Option<&Span>, to: &str, source: &Source) -> Option<Self> {
        let span = field?.clone();
        let from = source.slice(&span).to_owned();
        (from != to && !from.is_empty()).then(|| Self {
            span,
            from,
            to: to.to_owned(),
        })
    }
}

impl Splice {
    /// Sets the date at the start of a header field; `None` where no date stands there (or `YYYY-MM-DD`, which is to
    /// become one), or it is the same. What stands behind it is the person's.
    pub fn date(field: Option<&Span>, to: &str, source: &Source) -> Option<Self> {
        let span = field?;
        let date = source.slice(span).get(..10)?;
        let shape = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        if !date.bytes().enumerate().all(shape) && date != "YYYY-MM-DD" {
            return None;
        }
        Self::field(Some(&(span.start..span.start + 10)), to, source)
    }
}

impl Step {
    /// The step's text with every box open: what stays the same while its boxes are ticked.
    pub fn unticked(&self, source: &Source) -> String {
        let mut bytes = source.slice(&self.span).as_bytes().to_vec();
        for checkbox in self.boxes() {
            bytes[checkbox.offset - self.span.start] = b' ';
        }
        // Only ASCII bytes were put in the place of ASCII bytes.
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// The digest of [`Step::unticked`]: consent and evidence hold for a step as long as this does.
    pub fn fingerprint(&self, source: &Source) -> Digest {
        let text = source.slice(&self.span).as_bytes();
        let mut hasher = Hasher::default();
        let mut from = 0;
        let mut boxes: Vec<usize> = self
            .boxes()
            .map(|checkbox| checkbox.offset - self.span.start)
            .collect();
        boxes.sort_unstable();
        for at in boxes {
            hasher.add(&text[from..at]);
            hasher.add(b" ");
            from = at + 1;
        }
        hasher.add(&text[from..]);
        hasher.digest()
    }
}

/// What the header says of the proposal's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// `Draft`, `Review` or a choice that nobody made yet.
    Early,
    /// `Approved`.
    Approved,
    /// `In Progress`.
    InProgress,
    /// `Completed`, `Implemented` or `Done`.
    Completed,
    /// No status, or a word that the format does not know.
    Unknown,
}

impl Plan {
    /// What the header's status says.
    pub fn status(&self, source: &Source) -> Status {
        let text = self
            .header
            .status
            .as_ref()
            .map(|span| source.slice(span))
            .unwrap_or_default();
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "approved" => Status::Approved,
            "in progress" => Status::InProgress,
            "completed" | "implemented" | "done" => Status::Completed,
            "draft" | "review" | "in review" | "pending" => Status::Early,
            choice if choice.contains('|') => Status::Early,
            _ => Status::Unknown,
        }
    }
}
