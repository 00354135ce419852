//! From a check to a step that is done, tried again or given away.

use super::event::Event;
use super::gate::{
    Answer, CloseQuestion, ConfirmQuestion, FailedQuestion, NextVerdict, StoredCheckQuestion,
    StoredCheckVerdict,
};
use super::ticking::{TickSet, tick_in};
use super::turn::Turn;
use super::{checking, commit, escalation, history, lists, rollback};
use crate::plan::{Address, List};
use crate::state::{By, CheckRecord, Entry, Record};

/// A check that passed: just now, or in an earlier session.
pub(crate) fn confirm(turn: &mut Turn<'_, '_>, check: &CheckRecord, at: &str) -> Answer<()> {
    if still_holds(turn, check, at)? {
        pick(turn, check)
    } else {
        checking::check(turn, false)
    }
}

/// Whether what came of a check is of this session, or is taken for it although it is older.
fn still_holds(turn: &mut Turn<'_, '_>, check: &CheckRecord, at: &str) -> Answer<bool> {
    if turn.session.checked.as_deref() == Some(turn.step) {
        return Ok(true);
    }
    let subject = turn.subject()?;
    let question = StoredCheckQuestion {
        subject: &subject,
        check,
        at,
    };
    let holds = turn.session.gate.stored_check(&question)? == StoredCheckVerdict::Use;
    if holds {
        turn.session.checked = Some(turn.name());
    }
    Ok(holds)
}

/// Asks which boxes were verified, and whether the step is done.
fn pick(turn: &mut Turn<'_, '_>, check: &CheckRecord) -> Answer<()> {
    let subject = turn.subject()?;
    let (plan, source) = (&turn.reading.plan, &turn.reading.source);
    let open = |list: List| list.addresses(plan, source, |_, checkbox| !checkbox.done);
    let criteria = open(List::Criteria(turn.name()));
    let tasks = open(List::Tasks(turn.name()));
    let other = open(List::Other(turn.name()));
    let texts = |boxes: &[Address]| boxes.iter().map(|b| b.text.clone()).collect::<Vec<_>>();
    let picked = turn.session.gate.confirm(&ConfirmQuestion {
        subject: &subject,
        criteria: &texts(&criteria),
        tasks: &texts(&tasks),
        other: &texts(&other),
        check,
    })?;
    let flags = picked.criteria.iter().chain(&picked.tasks).chain(&picked.other);
    let all = criteria.into_iter().chain(tasks).chain(other);
    let (yes, no): (Vec<_>, Vec<_>) = all.zip(flags).partition(|(_, picked)| **picked);
    let mut boxes: Vec<Address> = yes.into_iter().map(|(address, _)| address).collect();
    let no = no.into_iter().map(|(address, _)| address);
    let (left, open): (Vec<Address>, Vec<Address>) = no.partition(|a| matches!(a.list, List::Other(_)));
    let open: Vec<String> = open.into_iter().map(|address| address.text).collect();
    let found = turn.session.desk.find(turn.reading, turn.step)?;
    let rollback = found.rollback();
    let question = CloseQuestion {
        subject: &subject,
        boxes: boxes.len(),
        open: &open,
        rollback: &rollback,
        attempts: turn.memory.failures + 1,
    };
    let verdict = turn.session.gate.close(&question)?;
    if verdict == NextVerdict::Done && open.is_empty() {
        lists::leave(
            turn.session,
            &format!("step {}", turn.step),
            left,
            "not confirmed with the step",
        )?;
        let (by, by_check) = (turn.session.gate.by(), turn.session.gate.by_check());
        if by != by_check {
            // No check stands behind these: in another name.
            let vouched = boxes.extract_if(.., |address| matches!(address.list, List::Other(_)));
            let vouched: Vec<Address> = vouched.collect();
            confirmed(turn, by, vouched)?;
        }
        return Ok(turn.record(of_step(turn, by_check, boxes))?);
    }
    go_on(turn, verdict)
}

fn confirmed(turn: &mut Turn<'_, '_>, by: By, boxes: Vec<Address>) -> Answer<()> {
    if boxes.is_empty() {
        return Ok(());
    }
    Ok(turn.record(of_step(turn, by, boxes))?)
}

fn of_step(turn: &Turn<'_, '_>, by: By, boxes: Vec<Address>) -> Record {
    Record::Confirmed {
        step: turn.name(),
        attempt: turn.memory.attempt,
        by,
        boxes,
    }
}

/// What was confirmed of a step since its last check, in this session: consent does not outlive one.
fn confirmations(entries: &[Entry], step: &str) -> Vec<(Vec<Address>, By)> {
    let ends = |entry: &&Entry| match &entry.record {
        Record::Session { .. } => true,
        Record::Checked { step: of, .. } => of == step,
        _ => false,
    };
    let since = entries.iter().rev().take_while(|entry| !ends(entry));
    let mut confirmed: Vec<_> = since
        .filter_map(|entry| match &entry.record {
            Record::Confirmed {
                step: of, boxes, by, ..
            } if of == step => Some((boxes.clone(), by.clone())),
            _ => None,
        })
        .collect();
    confirmed.reverse();
    confirmed
}

/// The check did not pass: what now?
pub(crate) fn after_failure(turn: &mut Turn<'_, '_>, check: &CheckRecord, at: &str) -> Answer<()> {
    if !still_holds(turn, check, at)? {
        return checking::check(turn, false);
    }
    let subject = turn.subject()?;
    let first = turn.session.first_attempts.get(turn.step).copied();
    let tries = turn.memory.attempt + 1 - first.unwrap_or(turn.memory.attempt);
    let found = turn.session.desk.find(turn.reading, turn.step)?;
    let rollback = found.rollback();
    let verdict = turn.session.gate.failed(&FailedQuestion {
        plan: turn.session.desk.file.shown(),
        subject: &subject,
        check,
        rollback: &rollback,
        tries,
        attempts: turn.memory.failures + 1,
    })?;
    go_on(turn, verdict)
}

/// Carries out a verdict that is not "done".
fn go_on(turn: &mut Turn<'_, '_>, verdict: NextVerdict) -> Answer<()> {
    match verdict {
        NextVerdict::Retry(note) => {
            let record = Record::Again {
                step: turn.name(),
                attempt: turn.memory.attempt,
                note,
            };
            turn.record(record)?;
            let (step, attempt) = (turn.step, turn.memory.attempt + 1);
            turn.session.listener.tell(&Event::Again { step, attempt });
            Ok(())
        }
        // A "no" leaves the step where it is: it is asked about again.
        NextVerdict::RollBack => {
            let desk = &turn.session.desk;
            if let Some(failure) = history::overwritten(
                desk.journal.entries(),
                &turn.reading.plan,
                &[turn.name()],
                desk.file.shown(),
            ) {
                turn.session.listener.note(&failure.to_string());
                return Ok(());
            }
            rollback::roll_back(turn.session, turn.step).map(drop)
        }
        NextVerdict::Escalate(reason) => escalation::escalate(turn, &reason),
        // "Done" where something is open is none: the step is looked at again.
        NextVerdict::CheckAgain | NextVerdict::Done => checking::check(turn, false),
    }
}

/// Ticks the boxes that were confirmed, and closes the step. Says whether it is done: a person may have unticked one
/// meanwhile.
pub(crate) fn tick(turn: &mut Turn<'_, '_>) -> Answer<bool> {
    let confirmed = confirmations(turn.session.desk.journal.entries(), turn.step);
    if !confirmed.is_empty() {
        commit::announce(turn)?;
    }
    let last = confirmed.len().saturating_sub(1);
    for (index, (boxes, by)) in confirmed.into_iter().enumerate() {
        let set = TickSet {
            boxes,
            to: true,
            // With the step's text the tick is the one that its confirmation ends with: the last.
            text: turn.memory.text.clone().filter(|_| index == last),
            by,
            begins: true,
        };
        tick_in(turn.session, &set, &format!("step {}", turn.step))?;
    }
    let reading = turn.session.desk.file.read_valid()?;
    if !turn.session.desk.find(&reading, turn.step)?.step.is_done() {
        turn.session
            .listener
            .note("the step is not done: one of its boxes was unticked meanwhile");
        return Ok(false);
    }
    turn.record(Record::Done { step: turn.name() })?;
    turn.session.listener.tell(&Event::Done { step: turn.step });
    commit::of_step(turn.session, turn.step)?;
    let desk = &turn.session.desk;
    if history::has_snapshot(desk.journal.entries(), turn.step) {
        // Names of snapshots that nobody needs any more: that they stay does no harm.
        let _ = desk.depot().prune(turn.step);
    }
    Ok(true)
}
