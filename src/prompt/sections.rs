//! The sections of a document, and a document without some of them.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

use crate::llm::Counter;
use crate::words::{Span, printable_line};

/// What the lines before the first heading are called.
const START: &str = "(before the first heading)";

/// A section that was left out of a prompt, for want of room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The path of its document.
    pub document: String,
    /// Its heading.
    pub heading: String,
    /// Its tokens, counted or estimated.
    pub tokens: u64,
}

impl LeftOut {
    /// The section in words: `section "Storage" of docs/design.md`.
    pub fn words(&self) -> String {
        format!("section \"{}\" of {}", self.heading, self.document)
    }

    /// What stands in the prompt in its place.
    pub fn note(&self, counter: Counter) -> String {
        let about = if counter.estimates() { "about " } else { "" };
        format!(
            "[{} is left out here to fit the model's context: {about}{} tokens]\n",
            self.words(),
            self.tokens
        )
    }
}

/// A heading with everything up to the next heading of any level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// The words of the heading, on one line.
    pub(super) heading: String,
    /// Its bytes.
    pub(super) span: Span,
}

/// The sections of a document, in order: together they are all of it. A `#` in a fence, a list or a quotation is no
/// heading.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    let mut depth = 0_usize;
    let mut heading: Option<(usize, String)> = None;
    for (event, span) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { .. }) if depth == 0 => {
                heading = Some((line_start(text, span.start), String::new()));
                depth += 1;
            }
            Event::Start(_) => depth += 1,
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                if let (TagEnd::Heading(_), 0) = (end, depth)
                    && let Some((start, words)) = heading.take()
                {
                    found.push(Section {
                        heading: printable_line(words.trim()).into_owned(),
                        span: start..text.len(),
                    });
                }
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some((_, heading)) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some((_, heading)) = &mut heading {
                    heading.push(' ');
                }
            }
            _ => {}
        }
    }
    let first = found.first().map_or(text.len(), |section| section.span.start);
    if first > 0 {
        let start = Section {
            heading: START.to_owned(),
            span: 0..first,
        };
        found.insert(0, start);
    }
    for at in 1..found.len() {
        found[at - 1].span.end = found[at].span.start;
    }
    found
}

/// A document without some of its sections: each has a note in its place, and every other byte is as it was.
///
/// `out` has for each section its note, or `None` where it stays.
pub(super) fn without(text: &str, sections: &[Section], out: &[Option<String>]) -> String {
    let mut kept = String::with_capacity(text.len());
    for (section, note) in sections.iter().zip(out) {
        match note {
            None => kept.push_str(&text[section.span.clone()]),
            Some(note) => {
                kept.push_str(note);
                kept.push('\n');
            }
        }
    }
    kept
}

/// Up to three blanks may stand before a heading: they are of its line.
fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

#[cfg(test)]
#[path = "sections_tests.rs"]
mod tests;
