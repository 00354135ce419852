//! What the journal says of a step: where a session that starts now goes on.

use super::tried::{Tried, refusal, refused_only};
use crate::prompt::Retry;
use crate::state::{AgentRecord, CheckRecord, Declined, Delegation, Entry, Record};
use crate::tree::Planned;
use crate::words::Digest;

/// Where the work on a step stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stage {
    /// Nothing was sent in this attempt.
    Fresh,
    /// A request was sent and nothing is known of its answer.
    Sent { endpoint: String, at: String },
    /// The request is a part of this submission to a batch engine, whose results are not home.
    Out { batch: String },
    /// An agent was started and nothing is known of how it ended.
    Running { delegation: Box<Delegation>, at: String },
    /// An agent ended; what it did is not agreed to yet.
    Delegated {
        delegation: Box<Delegation>,
        agent: Box<AgentRecord>,
        at: String,
    },
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

/// A request as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sent {
    /// When, by the clock of the machine.
    pub(crate) at: String,
    /// The prompt as it was made, before a person edited it.
    pub(crate) made: Digest,
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
        match &entry.record {
            Record::Send {
                attempt,
                text,
                prompt,
                made,
                endpoint,
                batch,
                ..
            } => {
                self.attempt = *attempt;
                self.text = Some(text.clone());
                self.sent = Some(Sent {
                    at: entry.at.clone(),
                    made: made.as_ref().unwrap_or(prompt).clone(),
                    refused: self.refused.clone(),
                });
                self.stage = match batch {
                    Some(batch) => Stage::Out { batch: batch.clone() },
                    None => Stage::Sent {
                        endpoint: endpoint.clone(),
                        at: entry.at.clone(),
                    },
                };
            }
            Record::AgentBegun {
                attempt,
                text,
                delegation,
                ..
            } => {
                self.attempt = *attempt;
                self.text = Some(text.clone());
                self.this.agent = None;
                self.this.diff = None;
                self.this.put_back.clear();
                self.stage = Stage::Running {
                    delegation: Box::new(delegation.clone()),
                    at: entry.at.clone(),
                };
            }
            Record::AgentEnded { agent, .. } => {
                self.this.agent = Some(agent.clone());
                self.this.diff.clone_from(&agent.diff);
                if let Stage::Running { delegation, at } = &self.stage {
                    self.stage = Stage::Delegated {
                        delegation: delegation.clone(),
                        agent: Box::new(agent.clone()),
                        at: at.clone(),
                    };
                }
            }
            Record::AgentPutBack { files, .. } => self.this.put_back.extend(files.iter().cloned()),
            Record::Made { files, diff, .. } => {
                // Older records tell only what the agent had done, before anything of it was put back.
                if diff.is_some() || files.is_empty() {
                    self.this.diff.clone_from(diff);
                }
                let kept = |name: &String| files.iter().any(|file| file.path.to_string() == *name);
                self.this.put_back.retain(|name| !kept(name));
                self.stage = Stage::Worked;
            }
            Record::Reply { reply, .. } => {
                self.reply = Some(reply.clone());
                self.refused = None;
                // What was made of an earlier reply is not this one.
                self.this.amended.clear();
                self.stage = Stage::Replied { reply: reply.clone() };
            }
            Record::NoReply { refused, .. } => {
                self.refused.clone_from(refused);
                if matches!(self.stage, Stage::Running { .. } | Stage::Delegated { .. }) {
                    // It did not start, or all that it did was put back.
                    self.this.diff = None;
                    self.this.put_back.clear();
                }
                self.stage = Stage::Fresh;
            }
            Record::Amended { path, content, .. } => {
                self.this.amended.retain(|(other, _)| other != path);
                self.this.amended.push((path.clone(), content.clone()));
            }
            Record::Unsent { attempt, text, .. } => {
                self.refused = None;
                self.attempt = *attempt;
                self.text = Some(text.clone());
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
            Record::ApplyIntent {
                files,
                diff,
                declined,
                ..
            } => {
                self.this.diff.clone_from(diff);
                self.this.declined.clone_from(declined);
                if let Some(reply) = self.reply.clone() {
                    self.stage = Stage::Applying {
                        reply,
                        files: files.clone(),
                    };
                }
            }
            Record::Applied { .. } => self.stage = Stage::Worked,
            Record::Unwritten { .. } => {
                self.this.diff = None;
                self.this.declined = Declined::default();
                if let Stage::Applying { reply, .. } = &self.stage {
                    self.stage = Stage::Replied { reply: reply.clone() };
                }
            }
            Record::NotApplied { declined, .. } => {
                self.this.diff = None;
                self.this.declined.clone_from(declined);
                self.stage = Stage::Worked;
            }
            Record::CheckBegun { .. } => self.stage = Stage::Checking,
            Record::Checked { check, .. } => {
                self.this.check = Some(check.clone());
                self.checked_at.clone_from(&entry.at);
                self.stage = Stage::Checked {
                    check: check.clone(),
                    at: entry.at.clone(),
                };
            }
            Record::Again { note, .. } => {
                let mut tried = std::mem::take(&mut self.this);
                tried.note.clone_from(note);
                self.before = Some(tried);
                self.refused = None;
                self.failures += 1;
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
            // What no longer holds is what the next attempt is told of.
            Record::Rechecked { check, .. } => {
                self.rechecked = Some(check.clone()).filter(|check| !check.passed);
            }
            // Who unticks by hand takes back what was said of the step.
            Record::Ticked { to: false, .. } => {
                self.ticked = false;
                if let (Some(check), Stage::Fresh) = (self.rechecked.take(), &self.stage) {
                    self.before = Some(Tried {
                        check: Some(check),
                        note: Some(NO_LONGER.to_owned()),
                        ..Tried::default()
                    });
                }
                if matches!(
                    self.stage,
                    Stage::Checked { .. } | Stage::Confirmed | Stage::Ticking
                ) {
                    self.stage = Stage::Worked;
                }
            }
            Record::Escalated { reason, .. } => {
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
                self.escalated = Some(reason.clone());
                self.stage = Stage::Escalated;
            }
            // Whatever was said of it is void: it begins anew.
            Record::RolledBack { .. } => *self = self.next_attempt(),
            Record::Retry { .. }
            | Record::Snapshot { .. }
            | Record::RollbackIntent(_)
            | Record::RollbackWithdrawn { .. }
            | Record::TickIntent { .. }
            | Record::Ticked { .. }
            | Record::Left { .. }
            | Record::Upheld { .. }
            | Record::WentOn { .. }
            | Record::CommitIntent { .. }
            | Record::CommitBegun { .. }
            | Record::Committed { .. }
            | Record::NotCommitted { .. }
            | Record::PlanCommit(_)
            | Record::Move(_)
            | Record::Fill { .. }
            | Record::Session { .. } => {}
        }
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
