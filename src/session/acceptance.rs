//! What was confirmed of a finished step although its check was in doubt: a later check that comes to the same holds.

use crate::state::{By, CheckRecord, CommandRecord, Doubted, Entry, Record};

/// Whether each doubt of a step's check is one that somebody confirmed on record, or that nobody could know of then.
pub(crate) fn is_accepted(step: &str, check: &CheckRecord, entries: &[Entry]) -> bool {
    let doubted = check.doubted();
    // Each of them must be known by its command to be told from another.
    doubted.len() == check.doubts.len()
        && accepted(step, entries)
            .into_iter()
            .any(|before| covers(before, &doubted))
}

/// The checks of a step that count as confirmed: the last one at the gate, and those after that a person went on in
/// doubt of. Who unticks the step or rolls it back takes them back.
fn accepted<'a>(step: &str, entries: &'a [Entry]) -> Vec<&'a CheckRecord> {
    let mut last = None;
    let mut again = None;
    let mut accepted = Vec::new();
    for entry in entries {
        match &entry.record {
            Record::Checked { step: of, check, .. } if of == step => last = Some(check),
            Record::Confirmed { step: of, .. } if of == step => accepted = Vec::from_iter(last),
            Record::Rechecked { step: of, check, .. } if of == step => again = Some(check),
            Record::WentOn {
                in_doubt,
                by: By::Person(_),
                ..
            } if in_doubt.iter().any(|of| of == step) => accepted.extend(again),
            Record::RolledBack { step: of, .. } if of == step => accepted.clear(),
            record @ Record::Ticked { to: false, .. } if record.step() == Some(step) => accepted.clear(),
            _ => {}
        }
    }
    accepted
}

/// Whether a check was in all these doubts already. What an older record does not tell of a command is no news.
fn covers(before: &CheckRecord, doubted: &[Doubted]) -> bool {
    let mut known = before.doubted();
    let older = before.commands.iter().all(|command| command.ran.is_none());
    doubted.iter().all(|doubt| {
        let same = |known: &Doubted| known.text == doubt.text && known.why == doubt.why;
        if let Some(at) = known.iter().position(same) {
            known.swap_remove(at);
            return true;
        }
        let untold = |command: &CommandRecord| command.text == doubt.text && command.status.is_none();
        older && before.commands.iter().any(untold)
    })
}
