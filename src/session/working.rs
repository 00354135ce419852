//! From a reply to files in the tree.

use std::path::Path;

use super::apply_question::{ApplyQuestion, ApplyVerdict};
use super::event::{ChangedFile, Event};
use super::file_change::FileChange;
use super::gate::Answer;
use super::stage::Stage;
use super::turn::Turn;
use super::{asking, history, stale};
use crate::reply;
use crate::state::{Declined, Record};
use crate::tree::{self, Change, ChangeKind, Keep, Planned, Recovery, RelativePath};
use crate::words::{Diagnostic, Digest, Exit, Failure, shell_word};

/// Problems of one reply that are told; one with more has one cause, told often enough.
const PROBLEMS: usize = 20;

/// Shows what the reply would change and writes it on consent, all or nothing.
pub(crate) fn apply(turn: &mut Turn<'_, '_>, stored: &Digest, again: bool) -> Answer<()> {
    let attempt = turn.memory.attempt;
    // A reply that was brought from elsewhere comes before anybody vouched.
    asking::vouch(turn)?;
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
            foreseen: None,
            cost: None,
            stored: true,
        });
    }
    turn.session.shown = Some(stored.clone());
    // It answers what its prompt showed: where that is no longer so, it may undo what others did since.
    if !stale::may_be_used(turn, stored)? {
        return Ok(());
    }
    let changes = match changes(turn, &text) {
        Ok(changes) => changes,
        Err(failure) if failure.exit == Exit::ReplyUnusable => {
            let (why, refused) = (failure.to_string(), Some(in_full(&failure)));
            turn.record(Record::NoReply {
                step: turn.name(),
                attempt,
                why,
                partial: Some(stored.clone()),
                refused,
                // What it cost is on record with the reply.
                usage: None,
                cost: None,
            })?;
            return asking::unusable(turn, &failure);
        }
        Err(failure) => return Err(failure.into()),
    };
    // After a crash it is the files that were put back which are new on the disk.
    if !again && !stale::may_change_unseen(turn, stored, &changes)? {
        return Ok(());
    }
    let subject = turn.subject()?;
    if changes.is_empty() {
        turn.session.listener.note("the reply changes no files");
        return by_hand(turn, "the reply changes no files", Declined::default());
    }
    let files: Vec<ChangedFile> = changes.iter().map(|change| changed_file(turn, change)).collect();
    turn.session.listener.tell(&Event::Changes {
        step: turn.step,
        files: &files,
    });
    let verdict = turn.session.gate.apply(&ApplyQuestion {
        subject: &subject,
        changes: &changes,
        again,
    })?;
    let (chosen, declined) = match verdict {
        ApplyVerdict::Apply => (changes, Declined::default()),
        ApplyVerdict::Chosen { files, reason } => choose(changes, &files, reason),
        ApplyVerdict::ByHand => choose(changes, &[], None),
        ApplyVerdict::Edited { file, content } => {
            return match changes.into_iter().nth(file) {
                Some(change) => amend(turn, change, &content),
                None => Ok(()),
            };
        }
    };
    if !declined.is_empty() {
        let files: Vec<&str> = declined.files.iter().map(RelativePath::as_str).collect();
        turn.session.listener.tell(&Event::Declined {
            step: turn.step,
            files: &files,
            reason: declined.reason.as_deref(),
        });
    }
    if chosen.is_empty() {
        by_hand(turn, "a person said no and works by hand", declined)
    } else {
        write(turn, &chosen, declined)
    }
}

/// Parts what a person chose from what they did not.
fn choose(changes: Vec<Change>, flags: &[bool], reason: Option<String>) -> (Vec<Change>, Declined) {
    let flags = flags.iter().copied().chain(std::iter::repeat(false));
    let (yes, no): (Vec<_>, Vec<_>) = changes.into_iter().zip(flags).partition(|(_, yes)| *yes);
    let files = no.into_iter().map(|(change, _)| change.path).collect();
    (
        yes.into_iter().map(|(change, _)| change).collect(),
        Declined { files, reason },
    )
}

/// Nothing is written: the person makes the tree ready.
fn by_hand(turn: &mut Turn<'_, '_>, why: &str, declined: Declined) -> Answer<()> {
    let subject = turn.subject()?;
    turn.session.gate.worked(&subject)?;
    Ok(turn.record(Record::NotApplied {
        step: turn.name(),
        attempt: turn.memory.attempt,
        why: why.to_owned(),
        declined,
    })?)
}

/// Keeps what a person made of a file. It is shown and asked about anew: what they agreed to so far was another text.
fn amend(turn: &mut Turn<'_, '_>, change: Change, content: &str) -> Answer<()> {
    let path = change.path.clone();
    if let Err(failure) = change.amended(content.as_bytes().to_vec()) {
        turn.session.listener.note(&failure.to_string());
        return Ok(());
    }
    // As it is, keys included: it is what shall be in the file.
    let content = turn.session.desk.blobs.put_exact(content.as_bytes())?;
    Ok(turn.record(Record::Amended {
        step: turn.name(),
        attempt: turn.memory.attempt,
        path,
        content,
    })?)
}

fn write(turn: &mut Turn<'_, '_>, changes: &[Change], declined: Declined) -> Answer<()> {
    let attempt = turn.memory.attempt;
    // What somebody changed while the question was open is not announced: the next look shows it.
    tree::unchanged(&turn.session.desk.root, changes)?;
    snapshot(turn)?;
    let diffs = changes.iter().flat_map(|change| tree::diff(change).lines);
    let diff: String = diffs.map(|line| line.text + "\n").collect();
    let diff = Some(turn.session.desk.keep(&diff)?);
    // Pre-images first, then the intent, then the files: each is on the disk before the next begins.
    let planned = tree::prepare(&turn.session.desk.root, &turn.session.desk.blobs, changes)?;
    turn.record(Record::ApplyIntent {
        step: turn.name(),
        attempt,
        files: planned.clone(),
        diff: diff.clone(),
        declined,
    })?;
    let desk = &turn.session.desk;
    if let Err(failure) = tree::apply(&desk.root, changes, &desk.session) {
        if tree::none_written(&desk.root, &planned) {
            // Where the journal cannot be written either, the next session finds out by the hashes.
            let _ = turn.record(Record::Unwritten {
                step: turn.name(),
                attempt,
                why: failure.to_string(),
            });
        }
        return Err(failure.into());
    }
    turn.record(Record::Applied {
        step: turn.name(),
        attempt,
        diff,
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
            diff: turn.memory.this.diff.clone(),
        })?),
        Recovery::NothingWritten | Recovery::RolledBack => {
            turn.memory.stage = Stage::Replied { reply: reply.clone() };
            apply(turn, reply, true)
        }
        Recovery::Foreign(paths) => Err(written_by_others(turn, &paths).into()),
    }
}

/// Somebody came between the writing of a step's files, which was cut off.
fn written_by_others(turn: &Turn<'_, '_>, paths: &[RelativePath]) -> Failure {
    let paths: Vec<&str> = paths.iter().map(RelativePath::as_str).collect();
    let text = format!(
        "somebody else changed `{}` while its step was being written",
        paths.join("`, `")
    );
    Failure::new(Exit::Changed, "tree-changed", text)
        .help("no file was touched; make them what they were before the step, or what it was to make of them, and run again")
        .help(format!(
            "or `stepgate rollback {} {}` at a terminal, which asks about each of them",
            shell_word(Path::new(turn.session.desk.file.shown())),
            turn.step
        ))
}

/// Puts on record what the tree held before anything was changed for the step.
fn snapshot(turn: &mut Turn<'_, '_>) -> Answer<()> {
    let desk = &turn.session.desk;
    let entries = desk.journal.entries();
    if history::has_snapshot(entries, turn.step) {
        return Ok(());
    }
    let of_step = |record: &Record| matches!(record, Record::Snapshot { step, .. } if step == turn.step);
    let earlier = entries.iter().filter(|entry| of_step(&entry.record)).count();
    let name = format!("{}/{}", turn.step, earlier + 1);
    // What a reply changes has pre-images of its own.
    let snapshot = desk.depot().take(&name, Keep::Listed)?;
    Ok(turn.record(Record::Snapshot {
        step: turn.name(),
        attempt: turn.memory.attempt,
        snapshot,
    })?)
}

fn changes(turn: &Turn<'_, '_>, text: &str) -> Result<Vec<Change>, Failure> {
    let desk = &turn.session.desk;
    let found = desk.find(turn.reading, turn.step)?;
    let edits = reply::edits(text);
    let mut problems = edits.problems;
    match tree::preview(&desk.root, &edits.edits, &found.declared()) {
        Ok(changes) if problems.is_empty() => return amended(turn, changes),
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

/// The changes with what a person made of them in this attempt.
fn amended(turn: &Turn<'_, '_>, changes: Vec<Change>) -> Result<Vec<Change>, Failure> {
    let mut all = Vec::with_capacity(changes.len());
    for change in changes {
        let content = match amendment(turn, &change.path) {
            Some(content) => turn.session.desk.blobs.held(content)?,
            None => None,
        };
        match content {
            Some(content) => all.extend(change.amended(content)?),
            None => all.push(change),
        }
    }
    Ok(all)
}

fn amendment<'t>(turn: &'t Turn<'_, '_>, path: &RelativePath) -> Option<&'t Digest> {
    let mut amended = turn.memory.this.amended.iter();
    amended
        .find(|(other, _)| other == path)
        .map(|(_, content)| content)
}

/// All that is wrong with a reply, for whoever is to give a better one.
fn in_full(failure: &Failure) -> String {
    let mut text = String::new();
    for problem in &failure.diagnostics {
        text.push_str(&format!("- {}\n", problem.message));
        if let Some(place) = &problem.place {
            text.push_str(&format!(
                "  {}, line {}: {}\n",
                place.path, place.line, place.excerpt
            ));
        }
        if let Some(found) = &problem.found {
            text.push_str(&format!("  found: {found}\n"));
        }
    }
    text
}

pub(super) fn changed_file(turn: &Turn<'_, '_>, change: &Change) -> ChangedFile {
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
        edited: amendment(turn, &change.path).is_some(),
    }
}
