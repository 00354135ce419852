//! Requests that are with a batch engine, though the record of their plan does not know of them.
//!
//! That record may be put aside or damaged while a batch is at work. The record of the batch still says which steps are in
//! it, so none of them is sent a second time without a question.

use super::gate::Answer;
use super::outstanding::Outstanding;
use super::outstanding_question::{OutstandingQuestion, OutstandingVerdict};
use super::session::Session;
use super::turn::Turn;
use crate::state::{MadeAt, Record};
use crate::words::Failure;

/// The requests of a step that are with a batch engine and that the record of the plan does not know, the latest first.
pub(super) fn unknown(session: &Session<'_>, step: &str) -> Vec<Outstanding> {
    let desk = &session.desk;
    let entries = desk.journal.entries();
    let unknown = desk.options.outstanding.iter();
    let mut unknown: Vec<Outstanding> = unknown
        .filter(|one| one.step == step && !one.is_known(entries))
        .cloned()
        .collect();
    unknown.sort_by(|one, other| other.at.cmp(&one.at));
    unknown
}

/// Asks about a step that would be sent and is with a batch engine already. Says whether it waits for that: the record has
/// it then.
pub(super) fn waits(turn: &mut Turn<'_, '_>) -> Answer<bool> {
    for one in unknown(turn.session, turn.step) {
        // What was said of a step is said of no other one in the same batch.
        let again = (one.step.clone(), one.mark.clone());
        if turn.session.sent_again.contains(&again) {
            continue;
        }
        let subject = turn.subject()?;
        let question = OutstandingQuestion {
            subject: &subject,
            mark: &one.mark,
        };
        if turn.session.gate.outstanding(&question)? == OutstandingVerdict::SendAgain {
            turn.session.sent_again.insert(again);
            continue;
        }
        wait(turn, one)?;
        return Ok(true);
    }
    Ok(false)
}

fn wait(turn: &mut Turn<'_, '_>, one: Outstanding) -> Answer<()> {
    let prompt =
        std::fs::read_to_string(&one.prompt).map_err(|error| Failure::io("read", &one.prompt, &error))?;
    let now = turn.keep_text()?;
    turn.record(Record::Send {
        step: turn.name(),
        attempt: one.attempt,
        // Of a text that is no longer in the plan only the digest is known.
        text: if now == one.text { now } else { one.text },
        prompt: turn.session.desk.keep(&prompt)?,
        made: None,
        endpoint: one.endpoint,
        model: one.model,
        foreseen: None,
        batch: Some(one.mark),
        // That went with the record.
        made_at: Some(MadeAt::Unknown),
    })?;
    Ok(())
}
