//! What the journal says of a step: where a session that starts now goes on.

use crate::prompt::Retry;
use crate::state::{CheckRecord, Entry, Record};
use crate::tree::Planned;
use crate::words::Digest;

/// Where the work on a step stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stage {
    /// Nothing was sent in this attempt.
    Fresh,
    /// A request was sent and nothing is known of its answer.
    Sent { endpoint: String, at: String },
    /// The reply is stored.
    Replied { reply: Digest },
    /// Files were about to be written.
    Applying { reply: Digest, files: Vec<Planned> },
    /// The tree is ready to be checked.
    Worked,
    /// A check was begun, and nothing is known of how it ended.
    Checking,
    /// A check ended.
    Checked { check: CheckRecord, at: String },
    /// Everything was confirmed, in this session.
    Confirmed,
    /// What was confirmed is being ticked.
    Ticking,
    /// A person gave it to somebody else, in this session.
    Escalated,
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
    pub(crate) failure: Option<(CheckRecord, Option<String>)>,
    /// What the attempt's check came to.
    pub(crate) check: Option<CheckRecord>,
    /// When, by the clock of the machine.
    checked_at: String,
    /// Whether everything that was confirmed is ticked.
    ticked: bool,
    /// Whether an external dependency was vouched for.
    pub(crate) vouched: Vec<String>,
    /// Why it was given to somebody else.
    pub(crate) escalated: Option<String>,
    /// The last reply of this attempt.
    reply: Option<Digest>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            attempt: 1,
            stage: Stage::Fresh,
            text: None,
            failure: None,
            check: None,
            checked_at: String::new(),
            ticked: false,
            vouched: Vec::new(),
            escalated: None,
            reply: None,
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
        match &entry.record {
            Record::Send {
                attempt,
                text,
                endpoint,
                ..
            } => {
                self.attempt = *attempt;
                self.text = Some(text.clone());
                self.escalated = None;
                self.stage = Stage::Sent {
                    endpoint: endpoint.clone(),
                    at: entry.at.clone(),
                };
            }
            Record::Reply { reply, .. } => {
                self.reply = Some(reply.clone());
                self.stage = Stage::Replied { reply: reply.clone() };
            }
            Record::NoReply { .. } => self.stage = Stage::Fresh,
            Record::Unsent { attempt, text, .. } => {
                self.attempt = *attempt;
                self.text = Some(text.clone());
                self.escalated = None;
                self.stage = Stage::Worked;
            }
            Record::Edited { text, .. } => {
                self.text = Some(text.clone());
                // What was checked and confirmed was another text.
                if matches!(
                    self.stage,
                    Stage::Checking | Stage::Checked { .. } | Stage::Confirmed | Stage::Ticking
                ) {
                    self.stage = Stage::Worked;
                }
            }
            Record::ApplyIntent { files, .. } => {
                if let Some(reply) = self.reply.clone() {
                    self.stage = Stage::Applying {
                        reply,
                        files: files.clone(),
                    };
                }
            }
            Record::Applied { .. } | Record::NotApplied { .. } => self.stage = Stage::Worked,
            Record::CheckBegun { .. } => self.stage = Stage::Checking,
            Record::Checked { check, .. } => {
                self.check = Some(check.clone());
                self.checked_at.clone_from(&entry.at);
                self.stage = Stage::Checked {
                    check: check.clone(),
                    at: entry.at.clone(),
                };
            }
            Record::Again { note, .. } => {
                self.failure = self.check.take().map(|check| (check, note.clone()));
                self.attempt += 1;
                self.stage = Stage::Fresh;
            }
            Record::Vouched { external, .. } => self.vouched.clone_from(external),
            Record::Confirmed { .. } => self.stage = Stage::Confirmed,
            // A step that is open although it was done was unticked by a person: it begins anew.
            Record::Done { .. } => *self = self.next_attempt(),
            // Ticks by hand carry no text: only those of a session end what it confirmed.
            Record::TickIntent {
                to: true,
                text: Some(_),
                ..
            } if self.stage == Stage::Confirmed => self.stage = Stage::Ticking,
            Record::Ticked { to: true, .. } if self.stage == Stage::Ticking => {
                self.stage = Stage::Worked;
                self.ticked = true;
            }
            // Who unticks by hand takes back what was said of the step.
            Record::Ticked { to: false, .. } => {
                self.ticked = false;
                if matches!(
                    self.stage,
                    Stage::Checked { .. } | Stage::Confirmed | Stage::Ticking
                ) {
                    self.stage = Stage::Worked;
                }
            }
            Record::Escalated { reason, .. } => {
                *self = self.next_attempt();
                self.escalated = Some(reason.clone());
                self.stage = Stage::Escalated;
            }
            Record::Retry { .. }
            | Record::TickIntent { .. }
            | Record::Ticked { .. }
            | Record::Left { .. }
            | Record::Session { .. } => {}
        }
    }

    /// The failure before this attempt, for its prompt; `read` gives the text of a blob.
    pub(crate) fn retry(&self, mut read: impl FnMut(&Digest) -> Option<String>) -> Option<Retry> {
        let (check, note) = self.failure.as_ref()?;
        Some(Retry {
            attempt: self.attempt,
            reason: if check.passed {
                "its check passed, and a person sent it back".to_owned()
            } else {
                format!("its check did not pass ({})", check.outcome)
            },
            script: check.script.as_ref().and_then(&mut read),
            output: check
                .output
                .as_ref()
                .and_then(&mut read)
                .filter(|output| !output.trim().is_empty()),
            status: Some(check.outcome.clone()),
            note: note.clone(),
        })
    }
}
