use super::yard::Tally;
use crate::state::Landed;
use crate::words::Exit;

/// What came home beside replies that can be used, to be put behind their number. `unasked` says what became of results
/// that no step waits for.
pub(super) fn rest(landed: &Landed, unasked: &str) -> String {
    let rest = [
        (landed.unusable, "that cannot be used"),
        (landed.failed, "failed"),
        (landed.expired, "expired"),
        (landed.cancelled, "cancelled"),
        (landed.earlier, "here already"),
        (landed.unasked, unasked),
    ];
    rest.into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!(", {count} {what}"))
        .collect()
}

/// Remembers what to end with where not every request brought a reply. That a person cancelled some is no failure.
pub(super) fn note(tally: &mut Tally, landed: &Landed) {
    if landed.failed + landed.expired > 0 {
        tally.note(Exit::EndpointFailed);
    } else if landed.unusable > 0 {
        tally.note(Exit::ReplyUnusable);
    }
}
