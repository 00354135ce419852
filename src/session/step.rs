//! One step, from its prompt to its ticks.
//!
//! Each stage does one thing, puts it on record and names the stage that follows. A session that was killed goes on at
//! the stage that the record ends with, so there is one way through and no second one for resuming.

use super::desk::Delivery;
use super::event::Event;
use super::gate::Answer;
use super::memory::Memory;
use super::other_root::same_root;
use super::session::Session;
use super::stage::Stage;
use super::turn::Turn;
use super::{asking, checking, confirming, delegated, delegating, out_already, waiting, working};
use crate::plan::Number;
use crate::words::{Diagnostic, Failure};

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The step is done.
    Done,
    /// It was given to somebody else.
    Escalated,
    /// It would be sent, and nothing is to be sent.
    Unsent,
}

/// Runs a step until it is done, given away, or the person leaves.
pub(crate) fn run(session: &mut Session<'_>, id: Number) -> Answer<End> {
    let step = id.to_string();
    let memory = session.desk.memory(&step);
    same_root(session, &step)?;
    open(session, &step, &memory)?;
    session
        .first_attempts
        .entry(step.clone())
        .or_insert(memory.attempt);
    loop {
        session.desk.pause(session.listener)?;
        let memory = session.desk.memory(&step);
        let reading = session.desk.file.read_valid()?;
        let mut turn = Turn {
            session,
            step: &step,
            memory,
            reading: &reading,
        };
        // Where the step's own text was changed, everything before was agreed on another one.
        if turn.notice_edit()? {
            continue;
        }
        match turn.memory.stage.clone() {
            // Ready: what only a person can vouch for, then the prompt, sent on consent; the reply is kept whole.
            Stage::Fresh if turn.session.desk.options.stored => return Ok(End::Unsent),
            Stage::Fresh if out_already::waits(&mut turn)? => {}
            Stage::Fresh if matches!(turn.session.desk.delivery, Delivery::Agent(_)) => {
                delegating::ask(&mut turn)?
            }
            Stage::Fresh => asking::ask(&mut turn)?,
            Stage::Sent { endpoint, at } => asking::lost(&mut turn, &endpoint, &at)?,
            Stage::Out { batch } => return Err(waiting::out(turn.session, turn.step, &batch).into()),
            // Delegated: what an agent did to the tree is looked at, and kept or put back.
            Stage::Running { delegation, at } => delegated::settle(&mut turn, &delegation, None, &at)?,
            Stage::Delegated {
                delegation,
                agent,
                at,
            } => delegated::settle(&mut turn, &delegation, Some(&agent), &at)?,
            // Applied: the files of the reply are written on consent, or the person does the work.
            Stage::Replied { reply } => working::apply(&mut turn, &reply, false)?,
            Stage::Applying { reply, files } => working::recover(&mut turn, &reply, &files)?,
            // Checked: the step's script runs, or the person says that they verified.
            Stage::Worked => checking::check(&mut turn, false)?,
            Stage::Checking => checking::check(&mut turn, true)?,
            Stage::Checked { check, at } if check.passed => confirming::confirm(&mut turn, &check, &at)?,
            Stage::Checked { check, at } => confirming::after_failure(&mut turn, &check, &at)?,
            // Confirmed: the boxes that a person verified are ticked.
            Stage::Confirmed | Stage::Ticking => {
                if confirming::tick(&mut turn)? {
                    return Ok(End::Done);
                }
            }
            Stage::Escalated => return Ok(End::Escalated),
        }
    }
}

fn open(session: &mut Session<'_>, step: &str, memory: &Memory) -> Answer<()> {
    let reading = session.desk.file.read_valid()?;
    let found = session.desk.find(&reading, step)?;
    let source = found.source;
    if found.step.tasks.is_empty() && found.step.criteria.is_empty() {
        // 0 of 0 is never done: there would be nothing to tick, and no end to it.
        return Err(Failure::from(
            Diagnostic::error(
                "no-boxes",
                format!("step {step} has neither tasks nor validation criteria"),
            )
            .at(source.place(&found.step.heading))
            .found("no box below `**Tasks:**` or `**Validation Criteria:**`")
            .help("write at least one as `- [ ] …`: a step is done when all of them are ticked"),
        )
        .into());
    }
    let resumed = match &memory.stage {
        Stage::Fresh => None,
        Stage::Sent { .. } => Some("a request was sent, and its answer is not known"),
        Stage::Out { .. } => Some("it waits for a batch"),
        Stage::Running { .. } => Some("an agent was working on it"),
        Stage::Delegated { .. } => Some("an agent has worked on it"),
        Stage::Replied { .. } => Some("its reply is stored"),
        Stage::Applying { .. } => Some("its files were being written"),
        Stage::Worked => Some("its work is in the tree"),
        Stage::Checking => Some("its check was cut off"),
        Stage::Checked { .. } => Some("its check has a result"),
        Stage::Confirmed | Stage::Ticking => Some("it was confirmed"),
        Stage::Escalated => None,
    };
    let phase = format!(
        "Phase {}: {}",
        found.phase.number,
        source.slice(&found.phase.title)
    );
    session.listener.tell(&Event::Step {
        step,
        title: source.slice(&found.step.title),
        goal: found.step.goal.as_ref().map(|span| source.slice(span)),
        phase: phase.trim_end_matches([':', ' ']),
        attempt: memory.attempt,
        resumed,
    });
    if let Some(reason) = &memory.escalated {
        let text = format!("it was escalated: {reason}");
        session.listener.tell(&Event::Note { text: &text });
    }
    Ok(())
}
