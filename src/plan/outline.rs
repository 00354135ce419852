use super::blocks::{Block, for_each_block};
use crate::words::Span;

/// The headings of any Markdown document, and what in it could swallow some of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// In the order of the file; none of them in a list, a quote, a fence or a comment.
    pub(crate) headings: Vec<OutlineHeading>,
    /// Where a fence or a comment begins that does not end.
    pub(crate) unclosed: Vec<Span>,
    /// The texts of the boxes that are ticked.
    pub(crate) ticked: Vec<Span>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutlineHeading {
    /// 1 to 6.
    pub(crate) level: u8,
    /// All of it, from its first mark.
    pub(crate) span: Span,
    /// Its words.
    pub(crate) text: Span,
}

impl Outline {
    /// Reads a document.
    pub(crate) fn of(text: &str) -> Self {
        let mut outline = Self::default();
        for_each_block(text, |block, _| match block {
            Block::Heading { level, span, text } => {
                outline.headings.push(OutlineHeading { level, span, text });
            }
            Block::UnclosedFence(span) | Block::UnclosedComment(span) => outline.unclosed.push(span),
            Block::Item {
                checkbox: Some((_, true)),
                text,
                ..
            } => outline.ticked.push(text),
            _ => {}
        });
        outline
    }
}
