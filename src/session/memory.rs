//! What the journal says of a step: where a session that starts now goes on.

use super::stage::Stage;
use super::tried::{Tried, refusal, refused_only};
use crate::prompt::Retry;
use crate::state::{CheckRecord, Entry, MadeAt, Record};
use crate::words::Digest;

/// A request as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sent {
    /// When, by the clock of the machine.
    pub(crate) at: String,
    /// The prompt as it was made, before a person edited it.
    pub(crate) made: Digest,
    /// When, where that was not right before.
    pub(crate) made_at: Option<MadeAt>,
    /// What it told of a reply that could not be used.
    refused: Option<String>,
}

/// What is known of a step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Memory {
    /// Number of the attempt, from 1.
    pub(crate) attempt: u32,
    pub(crate) stage: Stage,
    /// The step's text when this attempt began.
    pub(crate) text: Option<Digest>,
    /// What the attempt before came to.
    before: Option<Tried>,
    /// What this attempt came to so far.
    pub(crate) this: Tried,
    /// Why the last reply of this attempt could not be used, where none came since.
    refused: Option<String>,
    /// Attempts before this one that did not pass, since the step was last taken up.
    pub(crate) failures: u32,
    /// When the check of this attempt ended, by the clock of the machine.
    checked_at: String,
    /// Whether everything that was confirmed is ticked.
    ticked: bool,
    /// Whether an external dependency was vouched for.
    pub(crate) vouched: Vec<String>,
    /// Why it was given to somebody else.
    pub(crate) escalated: Option<String>,
    /// The last reply of this attempt.
    reply: Option<Digest>,
    /// The last request of this attempt.
    pub(crate) sent: Option<Sent>,
    /// What came of the check when it ran again after the step was done, where it did not pass.
    rechecked: Option<CheckRecord>,
}

/// What the model is told of a step that was done and no longer holds.
const NO_LONGER: &str = "the step was done and its check passed; since then it no longer does";

/// The same of one of which that is in doubt.
const IN_DOUBT: &str = "the step was done and its check passed; since then that is in doubt";

impl Default for Memory {
    fn default() -> Self {
        Self {
            attempt: 1,
            stage: Stage::Fresh,
            text: None,
            before: None,
            this: Tried::default(),
            refused: None,
            failures: 0,
            checked_at: String::new(),
            ticked: false,
            vouched: Vec::new(),
            escalated: None,
            reply: None,
            sent: None,
            rechecked: None,
        }
    }
}

impl Memory {
    /// Reads what the journal has on a step.
    pub(crate) fn of(step: &str, entries: &[Entry]) -> Self {
        let mut memory = Self::default();
        for entry in entries {
            match &entry.record {
                Record::Session { .. } => memory.begin_session(),
                // The ticks that were announced last are void: the boxes were no longer what they were.
                Record::Ticked { boxes, .. } if boxes.is_empty() && memory.stage == Stage::Ticking => {
                    memory.stage = Stage::Worked;
                }
                record if record.step() == Some(step) => memory.take(entry),
                _ => {}
            }
        }
        memory
    }

    /// Consent does not outlive the session that it was given in; evidence does.
    fn begin_session(&mut self) {
        if self.ticked {
            // All was ticked and the word of it is missing: the plan says whether the step is done.
            *self = self.next_attempt();
        }
        match self.stage {
            // What an earlier session gave away is taken up again.
            Stage::Escalated => self.stage = Stage::Fresh,
            Stage::Confirmed => {
                let at = self.checked_at.clone();
                self.stage = self
                    .this
                    .check
                    .clone()
                    .map_or(Stage::Worked, |check| Stage::Checked { check, at });
            }
            _ => {}
        }
    }

    fn next_attempt(&self) -> Self {
        Self {
            attempt: self.attempt + 1,
            ..Self::default()
        }
    }

    fn take(&mut self, entry: &Entry) {
        if entry.record.takes_up() {
            self.escalated = None;
        }
        self.this.take(&entry.record, &self.stage);
        match &entry.record {
            Record::Send {
                attempt,
                text,
                prompt,
                made,
                made_at,
                ..
            } => {
                self.begin_attempt(*attempt, text);
                self.sent = Some(Sent {
                    at: entry.at.clone(),
                    made: made.as_ref().unwrap_or(prompt).clone(),
                    made_at: made_at.clone(),
                    refused: self.refused.clone(),
                });
            }
            Record::AgentBegun { attempt, text, .. } => self.begin_attempt(*attempt, text),
            Record::Unsent { attempt, text, .. } => {
                self.refused = None;
                self.begin_attempt(*attempt, text);
            }
            Record::Reply { reply, .. } => {
                self.reply = Some(reply.clone());
                self.refused = None;
            }
            Record::NoReply { refused, .. } => self.refused.clone_from(refused),
            Record::Edited { text, .. } => self.text = Some(text.clone()),
            Record::Vouched { external, .. } => self.vouched.clone_from(external),
            Record::Checked { .. } => self.checked_at.clone_from(&entry.at),
            Record::Again { note, .. } => {
                let mut tried = std::mem::take(&mut self.this);
                tried.note.clone_from(note);
                self.before = Some(tried);
                self.refused = None;
                self.failures += 1;
                self.attempt += 1;
            }
            Record::Ticked { to: true, .. } if self.stage == Stage::Ticking => self.ticked = true,
            Record::Ticked { to: false, .. } => self.untick(),
            // What no longer holds is what the next attempt is told of.
            Record::Rechecked { check, confirmed, .. } => {
                let holds = check.is_certain() || *confirmed;
                self.rechecked = Some(check.clone()).filter(|_| !holds);
            }
            Record::Escalated { reason, .. } => self.escalate(reason),
            // A step that is open although it was done was unticked by a person: it begins anew. So does one that was rolled
            // back: whatever was said of it is void.
            Record::Done { .. } | Record::RolledBack { .. } => *self = self.next_attempt(),
            _ => {}
        }
        self.stage.take(entry, self.reply.as_ref());
    }

    fn begin_attempt(&mut self, attempt: u32, text: &Digest) {
        self.attempt = attempt;
        self.text = Some(text.clone());
    }

    /// Who unticks by hand takes back what was said of the step.
    fn untick(&mut self) {
        self.ticked = false;
        if let (Some(check), Stage::Fresh) = (self.rechecked.take(), &self.stage) {
            self.before = Some(Tried {
                note: Some(if check.passed { IN_DOUBT } else { NO_LONGER }.to_owned()),
                check: Some(check),
                ..Tried::default()
            });
        }
    }

    fn escalate(&mut self, reason: &str) {
        let before = self.before.take().unwrap_or_default();
        let mut tried = std::mem::take(&mut self.this);
        if tried == Tried::default() {
            tried = before;
        }
        let said = tried.note.map(|note| format!("{note}\n\n")).unwrap_or_default();
        tried.note = Some(format!("{said}It was given to somebody else: {reason}"));
        *self = self.next_attempt();
        // What failed is still in the tree.
        self.before = Some(tried);
        self.escalated = Some(reason.to_owned());
    }

    /// What the prompt of this attempt tells of what came before; `read` gives the text of a blob.
    pub(crate) fn retry(&self, read: impl FnMut(&Digest) -> Option<String>) -> Option<Retry> {
        self.told(self.refused.as_deref(), read)
    }

    /// What the prompt of the last request told of what came before.
    pub(crate) fn retry_as_sent(&self, read: impl FnMut(&Digest) -> Option<String>) -> Option<Retry> {
        let refused = self.sent.as_ref().and_then(|sent| sent.refused.as_deref());
        self.told(refused, read)
    }

    fn told(&self, refused: Option<&str>, read: impl FnMut(&Digest) -> Option<String>) -> Option<Retry> {
        let before = self.before.as_ref().map(|tried| tried.retry(self.attempt, read));
        let Some(refused) = refused else {
            return before;
        };
        Some(Retry {
            refused: Some(refusal(refused)),
            ..before.unwrap_or_else(|| refused_only(self.attempt))
        })
    }
}
