//! From a reply to files in the tree.

use super::asking;
use super::event::{ChangedFile, Event, FileChange};
use super::gate::{Answer, ApplyQuestion, ApplyVerdict};
use super::memory::Stage;
use super::turn::Turn;
use crate::reply;
use crate::state::Record;
use crate::tree::{self, Change, ChangeKind, Planned, Recovery};
use crate::words::{Diagnostic, Digest, Exit, Failure};

/// Problems of one reply that are told; one with more has one cause, told often enough.
const PROBLEMS: usize = 20;

/// Shows what the reply would change and writes it on consent, all or nothing.
pub(crate) fn apply(turn: &mut Turn<'_, '_>, stored: &Digest, again: bool) -> Answer<()> {
    let attempt = turn.memory.attempt;
    let bytes = turn.session.desk.blobs.get(stored)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if turn.session.shown.as_ref() != Some(stored) {
        // The reply of an earlier session: it is shown once more before anything is asked about it.
        turn.session.listener.tell(&Event::Text { text: &text });
        turn.session.listener.tell(&Event::Replied {
            step: turn.step,
            attempt,
            reply: stored.as_str(),
            model: None,
            usage: None,
            stored: true,
        });
    }
    turn.session.shown = Some(stored.clone());
    let changes = match changes(turn, &text) {
        Ok(changes) => changes,
        Err(failure) if failure.exit == Exit::ReplyUnusable => {
            let why = failure.to_string();
            turn.record(Record::NoReply {
                step: turn.name(),
                attempt,
                why,
                partial: Some(stored.clone()),
            })?;
            return asking::unusable(turn, &failure);
        }
        Err(failure) => return Err(failure.into()),
    };
    let subject = turn.subject()?;
    if changes.is_empty() {
        turn.session.listener.note("the reply changes no files");
        turn.session.gate.worked(&subject)?;
        let why = "the reply changes no files".to_owned();
        return Ok(turn.record(Record::NotApplied {
            step: turn.name(),
            attempt,
            why,
        })?);
    }
    let files: Vec<ChangedFile> = changes.iter().map(changed_file).collect();
    turn.session.listener.tell(&Event::Changes {
        step: turn.step,
        files: &files,
    });
    match turn.session.gate.apply(&ApplyQuestion {
        subject: &subject,
        changes: &changes,
        again,
    })? {
        ApplyVerdict::ByHand => {
            turn.session.gate.worked(&subject)?;
            let why = "a person said no and works by hand".to_owned();
            Ok(turn.record(Record::NotApplied {
                step: turn.name(),
                attempt,
                why,
            })?)
        }
        ApplyVerdict::Apply => write(turn, &changes),
    }
}

fn write(turn: &mut Turn<'_, '_>, changes: &[Change]) -> Answer<()> {
    let attempt = turn.memory.attempt;
    // Pre-images first, then the intent, then the files: each is on the disk before the next begins.
    let planned = tree::prepare(&turn.session.desk.root, &turn.session.desk.blobs, changes)?;
    turn.record(Record::ApplyIntent {
        step: turn.name(),
        attempt,
        files: planned,
    })?;
    let desk = &turn.session.desk;
    tree::apply(&desk.root, changes, &desk.session)?;
    turn.record(Record::Applied {
        step: turn.name(),
        attempt,
    })?;
    turn.session.listener.tell(&Event::Applied {
        step: turn.step,
        files: changes.len(),
    });
    Ok(())
}

/// Files were being written when a session ended: by their hashes it is told which are.
pub(crate) fn recover(turn: &mut Turn<'_, '_>, reply: &Digest, files: &[Planned]) -> Answer<()> {
    let attempt = turn.memory.attempt;
    let desk = &turn.session.desk;
    match tree::recover(&desk.root, &desk.blobs, files, &desk.session)? {
        Recovery::AllWritten => Ok(turn.record(Record::Applied {
            step: turn.name(),
            attempt,
        })?),
        Recovery::NothingWritten | Recovery::RolledBack => {
            turn.memory.stage = Stage::Replied { reply: reply.clone() };
            apply(turn, reply, true)
        }
        Recovery::Foreign(paths) => {
            let paths: Vec<&str> = paths.iter().map(crate::tree::RelativePath::as_str).collect();
            let text = format!(
                "somebody else changed `{}` while its step was being written",
                paths.join("`, `")
            );
            Err(Failure::new(Exit::Changed, "tree-changed", text)
                .help("no file was touched; look at them, put them in order, and run again")
                .help("`--forget-session` drops what was being written")
                .into())
        }
    }
}

fn changes(turn: &Turn<'_, '_>, text: &str) -> Result<Vec<Change>, Failure> {
    let desk = &turn.session.desk;
    let found = desk.find(turn.reading, turn.step)?;
    let edits = reply::edits(text);
    let mut problems = edits.problems;
    match tree::preview(&desk.root, &edits.edits, &found.declared()) {
        Ok(changes) if problems.is_empty() => return Ok(changes),
        Ok(_) => {}
        // All that is wrong with the reply is told together.
        Err(failure) if failure.exit == Exit::ReplyUnusable => problems.extend(failure.diagnostics),
        Err(failure) => return Err(failure),
    }
    let more = problems.len().saturating_sub(PROBLEMS);
    problems.truncate(PROBLEMS);
    if more > 0 {
        let text = format!("the reply has {more} problems more than these");
        problems.push(Diagnostic::error("more-problems", text));
    }
    Err(Failure {
        exit: Exit::ReplyUnusable,
        diagnostics: problems,
    })
}

fn changed_file(change: &Change) -> ChangedFile {
    let diff = tree::diff(change);
    ChangedFile {
        path: change.path.to_string(),
        added: diff.added,
        removed: diff.removed,
        new: change.kind() == ChangeKind::New,
        kind: match change.kind() {
            ChangeKind::New => FileChange::New,
            ChangeKind::Changed => FileChange::Changed,
            ChangeKind::Deleted => FileChange::Deleted,
            ChangeKind::Renamed => FileChange::Renamed,
        },
        from: change.from.as_ref().map(ToString::to_string),
        declared: change.declared,
    }
}
