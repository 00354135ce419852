//! Commits, in lines for a person.

use super::paint::Paint;
use crate::session::Event;
use crate::words::{counted, printable_line};

/// The line of a commit that was made.
pub(super) fn lines(event: &Event<'_>, paint: Paint) -> Vec<String> {
    let (what, commit) = match event {
        Event::Committed { step, commit, .. } => (format!("step {step}"), commit),
        Event::PlanCommitted { commit, .. } => ("the plan".to_owned(), commit),
        _ => return Vec::new(),
    };
    let short = commit.get(..12).unwrap_or(commit);
    let with = match event {
        Event::Committed { files, .. } => counted(files.len(), "file", "files"),
        Event::PlanCommitted { lists, .. } => printable_line(&lists.join(", ")).into_owned(),
        _ => String::new(),
    };
    vec![format!("  {} {what} committed: {short}, {with}", paint.good("✓"))]
}
