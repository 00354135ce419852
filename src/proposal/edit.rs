use crate::words::Span;

/// Bytes of a text to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

impl Edit {
    /// The text with all `edits` made. They may come in any order; of two that overlap, the first in the text counts.
    pub fn all(mut edits: Vec<Self>, text: &str) -> String {
        edits.sort_by_key(|edit| edit.span.start);
        let mut made = String::with_capacity(text.len() + 64);
        let mut from = 0;
        for edit in edits {
            if edit.span.start < from {
                continue;
            }
            made.push_str(&text[from..edit.span.start]);
            made.push_str(&edit.text);
            from = edit.span.end;
        }
        made.push_str(&text[from..]);
        made
    }
}
