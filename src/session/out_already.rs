//! Requests that are with a batch engine, though the record of their plan does not know of them.
//!
//! That record may be put aside or damaged while a batch is at work. The record of the batch still says which steps are in
//! it, so none of them is sent a second time without a question.

use super::gate::Answer;
use super::outstanding_question::{OutstandingQuestion, OutstandingVerdict};
use super::turn::Turn;
use crate::state::{MadeAt, Record};
use crate::words::Failure;

/// Asks about a step that would be sent and is with a batch engine already. Says whether it waits for that: the record has
/// it then.
pub(super) fn waits(turn: &mut Turn<'_, '_>) -> Answer<bool> {
    let desk = &turn.session.desk;
    let entries = desk.journal.entries();
    let mut unknown = desk.options.outstanding.iter();
    let unknown = unknown.rfind(|one| one.step == turn.step && !one.is_known(entries));
    let Some(one) = unknown.cloned() else {
        return Ok(false);
    };
    if turn.session.sent_again.contains(&one.mark) {
        return Ok(false);
    }
    let subject = turn.subject()?;
    let question = OutstandingQuestion {
        subject: &subject,
        mark: &one.mark,
    };
    if turn.session.gate.outstanding(&question)? == OutstandingVerdict::SendAgain {
        turn.session.sent_again.insert(one.mark);
        return Ok(false);
    }
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
    Ok(true)
}
