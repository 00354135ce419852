//! The checks of finished steps, once more: which of them no longer hold, and what changed since they did.

use super::acceptance::is_accepted;
use super::check_blocks::{blocks, whole};
use super::checkup::{Bench, Run};
use super::drift::{Drift, Ground};
use super::event::{Event, Listener};
use super::gate::{Answer, Stop};
use super::recheck_question::{Broken, Finished};
use super::ticking::{TickSet, tick};
use crate::plan::{List, Number, Step};
use crate::plan_file::{PlanFile, Reading};
use crate::state::{By, CheckRecord, Entry, How, Journal, Record};
use crate::tree::Witness;
use crate::words::{Digest, Failure, Source};

/// What checks of finished steps need.
pub struct Recheck<'a> {
    /// Of the world.
    pub bench: Bench<'a>,
    /// To tell what changed.
    pub ground: Ground<'a>,
    /// What is on record.
    pub entries: &'a [Entry],
}

/// What came of a finished step's check.
pub struct Rerun {
    /// Its record.
    pub check: CheckRecord,
    /// Whether what it is in doubt of was confirmed on record.
    pub confirmed: bool,
    /// What it printed.
    pub output: String,
    /// What is wrong with the step; `None` where it holds.
    pub broken: Option<Broken>,
}

impl Finished {
    /// The check of a step, or why it cannot run.
    pub fn of(step: &Step, source: &Source) -> Result<Result<Self, String>, Failure> {
        let blocks = blocks(step, source)?;
        if let Some(why) = super::check_question::not_runnable(&blocks) {
            return Ok(Err(why));
        }
        Ok(Ok(Self {
            step: step.id.to_string(),
            title: source.slice(&step.title).to_owned(),
            blocks,
        }))
    }

    /// The whole text of its check.
    pub fn text(&self) -> String {
        whole(&self.blocks)
    }

    /// What consent to run it is bound to.
    pub fn script(&self) -> Digest {
        Digest::of(self.text())
    }
}

impl Recheck<'_> {
    /// Runs the check of a finished step and tells what came of it.
    ///
    /// A check in doubt holds where the very doubt was confirmed on record; else that is for a person to say.
    pub fn one(&self, finished: &Finished, listener: &mut dyn Listener) -> Answer<Rerun> {
        let run = Run {
            step: &finished.step,
            blocks: &finished.blocks,
            chosen: None,
            own: false,
        };
        let results = run.all(&self.bench, listener)?;
        if let Some(signal) = results.interrupted {
            return Err(Stop::Interrupted(signal));
        }
        let check = results.record(finished.script(), How::All, None);
        let doubtful = check.passed && !check.is_certain();
        let confirmed = doubtful && is_accepted(&finished.step, &check, self.entries);
        let holds = check.is_certain() || confirmed;
        let drift = if holds {
            None
        } else {
            passed(&finished.step, self.entries).map(|(tree, at)| Drift::between(tree, at, &self.ground))
        };
        listener.tell(&Event::Checked {
            step: &finished.step,
            attempt: 1,
            check: &check,
        });
        listener.tell(&Event::Rechecked {
            step: &finished.step,
            holds,
            doubtful,
            outcome: &check.outcome,
            drift: drift.as_ref(),
        });
        let broken = (!holds).then(|| Broken {
            step: finished.step.clone(),
            title: finished.title.clone(),
            check: check.clone(),
            drift,
        });
        Ok(Rerun {
            check,
            confirmed,
            output: results.output,
            broken,
        })
    }
}

/// What the tree was when the check of a step passed last, and when that was.
fn passed<'a>(step: &str, entries: &'a [Entry]) -> Option<(&'a Witness, &'a str)> {
    entries.iter().rev().find_map(|entry| match &entry.record {
        Record::Checked {
            step: of,
            check,
            tree: Some(tree),
            ..
        } if of == step && check.passed => Some((tree, entry.at.as_str())),
        _ => None,
    })
}

/// Unticks every box of a step, on record, and tells it.
pub fn untick(
    file: &PlanFile,
    journal: &mut Journal,
    step: &str,
    by: By,
    listener: &mut dyn Listener,
) -> Result<(), Failure> {
    let reading: Reading = file.read_valid()?;
    let (plan, source) = (&reading.plan, &reading.source);
    let lists = [
        List::Tasks(step.to_owned()),
        List::Criteria(step.to_owned()),
        List::Other(step.to_owned()),
    ];
    let boxes = lists
        .iter()
        .flat_map(|list| list.addresses(plan, source, |_, checkbox| checkbox.done))
        .collect();
    let set = TickSet {
        boxes,
        to: false,
        text: None,
        by,
        begins: false,
    };
    let written = tick(file, &reading, journal, &set)?;
    let (done, total) = plan.tally();
    listener.tell(&Event::Unticked {
        step,
        boxes: written,
        done: done - written,
        total,
    });
    let phase = Number::parse(step)
        .and_then(|id| plan.step(id))
        .map(|(phase, _)| phase);
    if let Some(phase) = phase.filter(|phase| phase.completion.iter().any(|checkbox| checkbox.done)) {
        listener.note(&format!(
            "the completion criteria of phase {} stay ticked: look at them again",
            phase.number
        ));
    }
    Ok(())
}
