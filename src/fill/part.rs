use std::ops::Range;

use crate::plan::Unfilled;
use crate::words::{Source, Span, unix_lines};

/// What kind of part it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A heading and what stands below it, up to the next heading of any level.
    Section,
    /// All phases and steps of a plan.
    Steps,
}

/// A part of a document that a model is to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name in the record: the headings above it and its own, and a number where others have the same.
    pub key: String,
    /// The same as a list.
    pub path: Vec<String>,
    /// What kind it is.
    pub kind: Kind,
    /// The bytes that an answer takes the place of: without blank lines and rules behind it.
    pub span: Span,
    /// Level of its heading.
    pub level: u8,
    /// The line of its heading, from 1.
    pub line: usize,
    /// Its headings, by their number in the document.
    pub(crate) headings: Range<usize>,
    /// Its first heading.
    pub(crate) heading: Span,
    /// Its hints and placeholders.
    pub(crate) open: Vec<Unfilled>,
}

impl Part {
    /// The text as it stands, with line feeds only.
    pub fn text(&self, source: &Source) -> String {
        unix_lines(source.slice(&self.span)).into_owned()
    }

    /// The first line of its heading.
    pub(crate) fn heading_line<'a>(&self, source: &'a Source) -> &'a str {
        source
            .slice(&self.heading)
            .lines()
            .next()
            .unwrap_or_default()
            .trim_end()
    }

    /// What its hints say, without the marks of a comment.
    pub fn hints(&self, source: &Source) -> Vec<String> {
        let hints = self.open.iter().filter(|one| one.hint);
        hints
            .map(|one| {
                let text = source
                    .slice(&one.span)
                    .trim_start_matches("<!--")
                    .trim_end_matches("-->");
                let text = text.trim();
                unix_lines(text.strip_prefix("AI:").unwrap_or(text).trim()).into_owned()
            })
            .collect()
    }

    /// How many hints and how many placeholders it has.
    pub fn counts(&self) -> (usize, usize) {
        let hints = self.open.iter().filter(|one| one.hint).count();
        (hints, self.open.len() - hints)
    }

    /// What of its heading is a placeholder, as bytes of the document.
    pub(crate) fn open_heading(&self) -> Option<Span> {
        let mut within = self.open.iter().filter(|one| one.span.end <= self.heading.end);
        let first = within.next()?;
        let last = within.next_back().unwrap_or(first);
        Some(first.span.start..last.span.end)
    }

    /// Whether a person means this part, or one that holds it, by a heading.
    pub(crate) fn is_meant(&self, heading: &str) -> bool {
        let wanted = heading.trim().trim_start_matches('#').trim().to_lowercase();
        self.key.to_lowercase() == wanted || self.path.iter().any(|name| name.to_lowercase() == wanted)
    }
}
