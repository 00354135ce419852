//! What a step changed is put back, and its boxes are unticked: what is to be done is on record first.

use std::path::Path;

use super::event::Event;
use super::extent::{Extent, ticked};
use super::gate::{Answer, Stop};
use super::history::pending;
use super::other_root::same_root;
use super::roll_back_question::{RollBackQuestion, RollBackVerdict};
use super::session::Session;
use super::subject::Subject;
use super::ticking::{TickSet, tick};
use crate::state::{Record, RollbackRecord};
use crate::tree::{self, Beyond, Change, Kept, Planned, Recovery, RelativePath};
use crate::words::{Exit, Failure, shell_word};

/// Rolls a step back on consent; whether there is no more of it to be rolled back.
pub(crate) fn roll_back(session: &mut Session<'_>, step: &str) -> Answer<bool> {
    let extent = Extent::of(session, step)?;
    if !extent.earlier().is_empty() {
        let paths: Vec<String> = extent.earlier().iter().map(|path| format!("`{path}`")).collect();
        session.listener.note(&format!(
            "step {step} was done anew after others had changed {}: that goes back to what they made of it",
            paths.join(", ")
        ));
    }
    if extent.is_nothing(session) {
        session.listener.note(&extent.nothing_to_put_back(step));
        return Ok(true);
    }
    let attempt = session.desk.memory(step).attempt;
    let (verdict, plan) = ask(session, (step, attempt), &extent)?;
    let RollBackVerdict::PutBack(picked) = verdict else {
        // One that was cut off, and that somebody came between, is not wanted any more.
        let pending = pending(session.desk.journal.entries()).filter(|pending| pending.step == step);
        if let Some(pending) = pending {
            withdraw(session, (step, attempt), &pending.files, "a person said no");
        }
        return Ok(false);
    };
    let Extent {
        undo, beyond, unkept, ..
    } = extent;
    let stuck: Vec<RelativePath> = undo.kept.iter().map(|kept| kept.path.clone()).collect();
    let mut kept: Vec<String> = undo.kept.iter().map(ToString::to_string).collect();
    kept.extend(beyond.iter().map(ToString::to_string));
    let mut changes = undo.changes;
    for (index, conflict) in undo.conflicts.into_iter().enumerate() {
        if picked.get(index) == Some(&true) {
            changes.push(conflict.change);
        } else {
            kept.push(format!("`{}` stays: {}", conflict.change.path, conflict.why));
        }
    }
    let work = Work {
        step,
        attempt,
        changes: &changes,
        folders: &undo.folders,
        stuck: &stuck,
        found: &unkept,
    };
    carry_out(session, &work, kept)?;
    match stuck_failure(step, (&undo.kept, &beyond), &plan) {
        None => Ok(true),
        Some(failure) => Err(failure.into()),
    }
}

/// Asks whether it is put back; the verdict, and what the plan says of undoing the step.
fn ask(
    session: &mut Session<'_>,
    (step, attempt): (&str, u32),
    extent: &Extent,
) -> Answer<(RollBackVerdict, Vec<String>)> {
    let others = extent.others(session)?;
    let reading = session.desk.file.read_valid()?;
    // One that was renumbered, or taken out of the plan, is known by what is on record of it.
    let found = session.desk.find(&reading, step).ok();
    if found.is_none() {
        session.listener.note(&gone(step, session.desk.file.shown()));
    }
    let subject = found.as_ref().map(|found| found.subject(attempt));
    let subject = subject.unwrap_or_else(|| Subject {
        step: step.to_owned(),
        title: String::new(),
        attempt,
    });
    let plan = found.map(|found| found.rollback()).unwrap_or_default();
    let verdict = session.gate.roll_back(&RollBackQuestion {
        subject: &subject,
        rollback: &plan,
        changes: &extent.undo.changes,
        conflicts: &extent.undo.conflicts,
        kept: &extent.undo.kept,
        beyond: &extent.beyond,
        others: &others,
        boxes: extent.boxes,
    })?;
    Ok((verdict, plan))
}

/// What is said of a step that is on record and not in the plan.
fn gone(step: &str, plan: &str) -> String {
    format!(
        "step {step} is no longer in `{plan}`: what was written for it is put back, and no box is unticked; where it has \
         another number now, `stepgate untick {} STEP` unticks it",
        shell_word(Path::new(plan))
    )
}

/// What of a step could not be put back, with what the plan says of undoing it.
fn stuck_failure(step: &str, (kept, beyond): (&[Kept], &[Beyond]), plan: &[String]) -> Option<Failure> {
    let exit = kept.first().map_or(Exit::LocalIo, |first| first.exit);
    let told = kept.iter().map(ToString::to_string);
    let told: Vec<String> = told.chain(beyond.iter().map(ToString::to_string)).collect();
    let text = match &told[..] {
        [one] => format!("step {step} cannot be put back as it was: {one}"),
        [one, more @ ..] => format!(
            "step {step} cannot be put back as it was: {one}, and {} more",
            more.len()
        ),
        [] => return None,
    };
    let mut failure = Failure::new(exit, "not-put-back", text);
    for other in told.into_iter().skip(1) {
        failure = failure.help(other);
    }
    if !plan.is_empty() {
        failure = failure.help(format!("the step's Rollback Plan says: {}", plan.join("; ")));
    }
    Some(failure)
}

/// What is to be done for a step.
struct Work<'a> {
    step: &'a str,
    attempt: u32,
    changes: &'a [Change],
    folders: &'a [RelativePath],
    stuck: &'a [RelativePath],
    found: &'a [Planned],
}

/// Pre-images first, then the intent, then the files, then the boxes: each is on the disk before the next begins.
fn carry_out(session: &mut Session<'_>, work: &Work<'_>, kept: Vec<String>) -> Answer<()> {
    let by = session.gate.by();
    // What somebody changed while the question was open is not announced: the next look shows it.
    tree::as_shown(&session.desk.root, work.changes, work.folders)?;
    let files = tree::prepare(&session.desk.root, &session.desk.blobs, work.changes)?;
    session.desk.record(Record::RollbackIntent(RollbackRecord {
        step: work.step.to_owned(),
        attempt: work.attempt,
        by,
        files: files.clone(),
        folders: work.folders.to_vec(),
        kept,
        found: work.found.to_vec(),
        stuck: work.stuck.to_vec(),
    }))?;
    let desk = &session.desk;
    if let Err(failure) = tree::put_back(&desk.root, work.changes, work.folders, &desk.session) {
        if !files.is_empty() {
            withdraw(session, (work.step, work.attempt), &files, &failure.to_string());
        }
        return Err(failure.into());
    }
    conclude(session, (work.step, work.attempt), work.changes.len(), work.stuck)
}

/// Puts on record that what was announced is not to come, where no file was touched for it: it is done when it is asked
/// for again, and not when somebody happens to put a file in order.
fn withdraw(session: &mut Session<'_>, (step, attempt): (&str, u32), files: &[Planned], why: &str) {
    if !tree::none_written(&session.desk.root, files) {
        return;
    }
    // Where the journal cannot be written either, the next session goes on with it.
    let _ = session.desk.record(Record::RollbackWithdrawn {
        step: step.to_owned(),
        attempt,
        why: why.to_owned(),
    });
}

/// Unticks the boxes, and puts on record that all is done.
fn conclude(
    session: &mut Session<'_>,
    (step, attempt): (&str, u32),
    files: usize,
    stuck: &[RelativePath],
) -> Answer<()> {
    let boxes = ticked(session, step)?;
    let count = boxes.len();
    if !boxes.is_empty() {
        let set = TickSet {
            boxes,
            to: false,
            text: None,
            by: session.gate.by(),
            begins: false,
        };
        let reading = session.desk.file.read_valid()?;
        tick(&session.desk.file, &reading, &mut session.desk.journal, &set)?;
    }
    session.desk.record(Record::RolledBack {
        step: step.to_owned(),
        attempt,
        stuck: stuck.to_vec(),
    })?;
    session.checked = None;
    session.listener.tell(&Event::RolledBack {
        step,
        files,
        boxes: count,
    });
    Ok(())
}

/// Finishes a rollback that a crash cut off: consent was given and is on record, and to put back twice is to put back once.
///
/// Fails with exit 11 where somebody else changed one of the files meanwhile; then nothing was touched.
pub(crate) fn finish_pending(session: &mut Session<'_>) -> Answer<()> {
    let Some(pending) = pending(session.desk.journal.entries()) else {
        return Ok(());
    };
    same_root(session, &pending.step)?;
    if finish(session, &pending)? {
        return Ok(());
    }
    Err(foreign(&pending, session.desk.file.shown()).into())
}

pub(super) fn finish(session: &mut Session<'_>, pending: &RollbackRecord) -> Answer<bool> {
    let desk = &session.desk;
    let intent = (&pending.files[..], &pending.folders[..]);
    if let Recovery::Foreign(_) = tree::put_back_rest(&desk.root, &desk.blobs, intent, &desk.session)? {
        return Ok(false);
    }
    let (step, files) = ((&*pending.step, pending.attempt), pending.files.len());
    conclude(session, step, files, &pending.stuck)?;
    let text = format!(
        "the rollback of step {} that was cut off is finished",
        pending.step
    );
    session.listener.note(&text);
    Ok(true)
}

pub(super) fn foreign(pending: &RollbackRecord, plan: &str) -> Failure {
    let text = format!(
        "somebody else changed a file of step {} while it was being rolled back",
        pending.step
    );
    let plan = shell_word(Path::new(plan));
    Failure::new(Exit::Changed, "tree-changed", text)
        .help("no file was touched")
        .help(format!(
            "`stepgate rollback {plan} {}` at a terminal asks about it",
            pending.step
        ))
}

/// What a gate that asks nobody says: all that is the step's own, and nothing where somebody else comes into it.
pub(crate) fn unasked(question: &RollBackQuestion<'_>) -> Answer<RollBackVerdict> {
    let stuck = stuck_failure(&question.subject.step, (question.kept, &[]), question.rollback);
    if let Some(failure) = stuck {
        let step = &question.subject.step;
        let failure = failure.help(format!(
            "no file of step {step} was touched, and no box; run at a terminal to put the rest back"
        ));
        return Err(Stop::Failure(failure));
    }
    let Some(first) = question.conflicts.first() else {
        return Ok(RollBackVerdict::PutBack(Vec::new()));
    };
    let text = format!(
        "step {} cannot be rolled back unasked: `{}`: {}",
        question.subject.step, first.change.path, first.why
    );
    let failure = Failure::new(Exit::Changed, "tree-changed", text)
        .found(counted_conflicts(question.conflicts.len()))
        .help(format!(
            "no file of step {} was touched; run at a terminal to decide file by file",
            question.subject.step
        ));
    Err(Stop::Failure(failure))
}

fn counted_conflicts(count: usize) -> String {
    match count {
        1 => "one file that is not as the step left it".to_owned(),
        count => format!("{count} files that are not as the step left them"),
    }
}
