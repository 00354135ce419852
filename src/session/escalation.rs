//! A step that is given to somebody else: on record, and in a file that can be handed over.

use std::collections::BTreeMap;

use serde::Serialize;

use super::event::Event;
use super::gate::Answer;
use super::handover::Handover;
use super::turn::Turn;
use crate::state::{Entry, Record, hand_over};
use crate::words::secrets;

/// A step that was given to somebody else and not taken up since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Escalation {
    /// Its id.
    pub step: String,
    /// Why, and for whom.
    pub reason: String,
    /// When, by the clock of the machine.
    pub at: String,
    /// Who said so; records of older versions do not tell.
    pub by: Option<String>,
    /// The file that can be handed over.
    pub file: Option<String>,
}

/// Gives the step to somebody else. The file is written before the record that names it; without the record it says what
/// was true when it was written, and the next one takes its place.
pub(crate) fn escalate(turn: &mut Turn<'_, '_>, reason: &str) -> Answer<()> {
    let by = turn.session.gate.by();
    let text = {
        let desk = &turn.session.desk;
        let handover = Handover {
            desk,
            found: desk.find(turn.reading, turn.step)?,
            reason,
            by: &by,
        };
        secrets::redact(&handover.text()).into_owned()
    };
    let attempt = turn.memory.attempt;
    let name = format!("step-{}-attempt-{attempt}.md", turn.step);
    let path = hand_over(&turn.session.desk.scratch, &name, &text)?;
    let file = path.display().to_string();
    turn.record(Record::Escalated {
        step: turn.name(),
        attempt,
        reason: reason.to_owned(),
        by: Some(by),
        file: Some(file.clone()),
    })?;
    turn.session.listener.tell(&Event::Escalated {
        step: turn.step,
        reason,
        file: &file,
    });
    Ok(())
}

/// The steps that are given away by the record, by their ids. Whether one is done all the same the plan says.
pub fn escalations(entries: &[Entry]) -> BTreeMap<String, Escalation> {
    let mut standing = BTreeMap::new();
    for entry in entries {
        match &entry.record {
            Record::Escalated {
                step,
                reason,
                by,
                file,
                ..
            } => {
                let escalation = Escalation {
                    step: step.clone(),
                    reason: reason.clone(),
                    at: entry.at.clone(),
                    by: by.as_ref().map(ToString::to_string),
                    file: file.clone(),
                };
                standing.insert(step.clone(), escalation);
            }
            record if record.takes_up() => {
                record.step().and_then(|step| standing.remove(step));
            }
            _ => {}
        }
    }
    standing
}
