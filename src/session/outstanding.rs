//! Requests that are with a batch engine, though the record of their plan does not know of them.
//!
//! That record may be put aside or damaged while a batch is at work. The record of the batch still says which steps are in
//! it, so none of them is sent a second time without a question.

use std::path::PathBuf;

use super::gate::Answer;
use super::subject::Subject;
use super::turn::Turn;
use crate::state::{Entry, MadeAt, Record};
use crate::words::{Digest, Exit, Failure};

/// A request that is with a batch engine, by the record of its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outstanding {
    /// The step.
    pub step: String,
    /// Number of the attempt that it is, from 1.
    pub attempt: u32,
    /// What its batch is known by.
    pub mark: String,
    /// When it was agreed to, by the clock of the machine; `None` where its record does not tell any more.
    pub at: Option<String>,
    /// The digest of the step's own text, as it was then.
    pub text: Digest,
    /// The file that holds the prompt as long as the batch is not over.
    pub prompt: PathBuf,
    /// Where it went.
    pub endpoint: String,
    /// The model.
    pub model: Option<String>,
}

/// A step would be sent that is with a batch engine already: what now?
#[derive(Debug)]
pub struct OutstandingQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// What its batch is known by.
    pub mark: &'a str,
}

/// The verdict on such a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutstandingVerdict {
    /// It waits for the batch, on record.
    Wait,
    /// It is sent again: both may be billed.
    SendAgain,
}

impl Outstanding {
    /// Whether the record of the plan knows of it, or of something that was agreed to since.
    pub(super) fn is_known(&self, entries: &[Entry]) -> bool {
        let since = |entry: &Entry| self.at.as_ref().is_some_and(|at| entry.at >= *at);
        entries
            .iter()
            .filter(|entry| entry.record.step() == Some(&self.step))
            .any(|entry| match &entry.record {
                Record::Send {
                    batch: Some(mark), ..
                } => *mark == self.mark || since(entry),
                Record::Send { .. } | Record::Unsent { .. } | Record::AgentBegun { .. } => since(entry),
                _ => false,
            })
    }
}

impl OutstandingQuestion<'_> {
    /// Why a session ends that has nobody to ask.
    pub(super) fn refused(&self) -> Failure {
        let (step, mark) = (&self.subject.step, self.mark);
        let text = format!(
            "step {step} is with batch {mark}, and the record of the plan does not know it: it was put aside or damaged"
        );
        Failure::new(Exit::NeedsHuman, "out-already", text)
            .help(
                "nothing was sent; run at a terminal to wait for its reply all the same, or to send it again",
            )
            .help(format!(
                "`stepgate batch cancel {mark} --forget` gives up on the batch, which may be billed"
            ))
    }
}

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
