use super::{Plan, placeholder};
use crate::words::{Source, Span};

/// Something in a document that its author was to replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfilled {
    /// Where it stands.
    pub(crate) span: Span,
    /// Whether it is a hint, `<!-- AI: … -->`, and no placeholder.
    pub(crate) hint: bool,
}

impl Plan {
    /// Every hint and every placeholder, in the order of the file. The document may be of any kind.
    pub(crate) fn unfilled(&self, source: &Source) -> Vec<Unfilled> {
        let hints = self.hints.iter().map(|span| Unfilled {
            span: span.clone(),
            hint: true,
        });
        let placeholders = placeholder::find(self, source).into_iter();
        let placeholders = placeholders.map(|(span, _)| Unfilled { span, hint: false });
        let mut unfilled: Vec<Unfilled> = hints.chain(placeholders).collect();
        unfilled.sort_by_key(|one| one.span.start);
        unfilled
    }
}
