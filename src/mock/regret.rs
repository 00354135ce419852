//! What a client is told that gets no reply, because of the scenario.

use super::Refusal;
use crate::words::Failure;

/// The most characters of what a client is told.
const LONGEST: usize = 1_000;

/// What a client is told that no rule answers.
pub(super) fn unmatched(failure: &Failure) -> Refusal {
    Refusal {
        code: Some("mock_unmatched".to_owned()),
        ..Refusal::new(404, line(failure))
    }
}

/// What a client is told when the scenario is at fault.
pub(super) fn problem(failure: &Failure) -> Box<Refusal> {
    Box::new(Refusal::new(500, line(failure)))
}

/// A failure in one line, with its place.
fn line(failure: &Failure) -> String {
    let mut text = String::new();
    for diagnostic in &failure.diagnostics {
        text.push_str(&diagnostic.message);
        if let Some(found) = &diagnostic.found {
            text.push_str(": ");
            text.push_str(found);
        }
        if let Some(place) = &diagnostic.place {
            text.push_str(&format!(" ({}:{}:{})", place.path, place.line, place.column));
        }
        for help in &diagnostic.help {
            text.push_str("; ");
            text.push_str(help);
        }
    }
    // What a rule wants can be as long as a book.
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}
