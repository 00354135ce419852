//! What lint finds in the part of a document that was written.

use super::draft::Draft;
use super::part::Kind;
use crate::lint::{Lint, Tree};
use crate::words::{Diagnostic, Level};

/// Findings that begin in the lines of the answer. For the steps of a plan, also whatever keeps the plan from running.
/// What is refused anyway (a placeholder, a fence that does not end) is not found once more.
pub(crate) fn findings(draft: &mut Draft, kind: Kind, tree: &Tree) -> Vec<Diagnostic> {
    let Some(reading) = draft.reading.take() else {
        return Vec::new();
    };
    let lines = reading.source.line(draft.span.start)..=reading.source.line(draft.span.end);
    let lint = Lint::of(&reading.plan, reading.source, Some(tree));
    let refused = |found: &Diagnostic| {
        matches!(
            found.rule,
            "hint" | "placeholder" | "unclosed-fence" | "unclosed-comment"
        )
    };
    let within = |found: &Diagnostic| match &found.place {
        Some(place) => lines.contains(&place.line),
        None => false,
    };
    let stops = |found: &Diagnostic| kind == Kind::Steps && found.level == Level::Error;
    let found = lint.diagnostics().filter(|found| !refused(found));
    found.filter(|found| within(found) || stops(found)).collect()
}
