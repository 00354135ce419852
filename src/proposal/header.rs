//! The header of a proposal's document: its status, its dates, its title.

use super::Edit;
use crate::plan::{Plan, Splice};
use crate::words::Source;

/// Sets Status, where one is given, and Updated. A field that the document has not is left out.
pub fn restamp(plan: &Plan, source: &Source, status: Option<&str>, today: &str) -> Vec<Edit> {
    let header = &plan.header;
    let status = status.and_then(|status| Splice::field(header.status.as_ref(), status, source));
    let updated = Splice::date(header.updated.as_ref(), today, source);
    let edit = |splice: Splice| Edit {
        span: splice.span,
        text: splice.to,
    };
    status.into_iter().chain(updated).map(edit).collect()
}

/// The title of the proposal: what stands after the id, without the kind of the document behind it.
pub fn title_of(heading: &str) -> &str {
    let title = heading.split_once(':').map_or(heading, |(before, after)| {
        if super::Id::find(before).is_some() {
            after
        } else {
            heading
        }
    });
    let kind = |text: &str| {
        let text = text.to_lowercase();
        ["plan", "document", "requirements", "design"]
            .iter()
            .any(|word| text.contains(word))
    };
    match title.rsplit_once(" - ") {
        Some((before, behind)) if kind(behind) => before.trim(),
        _ => title.trim(),
    }
}
