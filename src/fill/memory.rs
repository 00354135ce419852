use crate::state::{Entry, Filling, Record};
use crate::words::Digest;

/// Where the work on a part of a document stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stage {
    /// Nothing was sent in this attempt.
    Fresh,
    /// A request was sent and nothing is known of its answer.
    Sent { endpoint: String, at: String },
    /// The answer is stored.
    Answered { answer: Digest },
}

/// What the record says of a part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Memory {
    /// Number of the attempt, from 1.
    pub(crate) attempt: u32,
    /// Answers since a person last decided, this one among them.
    pub(crate) round: u32,
    pub(crate) stage: Stage,
    /// The part as it stood when it was asked for.
    pub(crate) text: Option<Digest>,
    /// The answer that was not taken, and a person's note on it.
    pub(crate) refused: Option<(Digest, Option<String>)>,
    /// Whether the last answer was about to be written.
    writing: bool,
}

impl Memory {
    /// Reads what the journal has on a part.
    pub(crate) fn of(key: &str, entries: &[Entry]) -> Self {
        let mut memory = Self {
            attempt: 1,
            round: 0,
            stage: Stage::Fresh,
            text: None,
            refused: None,
            writing: false,
        };
        for entry in entries {
            if let Record::Fill { section, act } = &entry.record
                && section == key
            {
                memory.take(act, &entry.at);
            }
        }
        memory
    }

    /// What it is for the part as it stands now: one that was written, and has something to fill in again, begins anew.
    pub(crate) fn now(self, text: &Digest) -> Self {
        let written = self.writing && self.text.as_ref() != Some(text);
        if !written {
            return self;
        }
        Self {
            attempt: self.attempt + 1,
            round: 0,
            stage: Stage::Fresh,
            text: None,
            refused: None,
            writing: false,
        }
    }

    fn take(&mut self, act: &Filling, at: &str) {
        self.writing = matches!(act, Filling::Write { .. });
        match act {
            Filling::Send {
                attempt,
                text,
                endpoint,
                ..
            } => {
                self.attempt = *attempt;
                self.text = Some(text.clone());
                self.stage = Stage::Sent {
                    endpoint: endpoint.clone(),
                    at: at.to_owned(),
                };
            }
            Filling::Handed { attempt, text, .. } => {
                self.attempt = *attempt;
                self.text = Some(text.clone());
                self.stage = Stage::Fresh;
            }
            Filling::Reply { reply, .. } => {
                self.round += 1;
                self.stage = Stage::Answered {
                    answer: reply.clone(),
                };
            }
            Filling::Edited { answer, .. } => {
                self.stage = Stage::Answered {
                    answer: answer.clone(),
                }
            }
            Filling::NoReply { .. } => self.stage = Stage::Fresh,
            Filling::Again { note, by, .. } => {
                if let Stage::Answered { answer } = &self.stage {
                    self.refused = Some((answer.clone(), note.clone()));
                }
                if by.is_some() {
                    self.round = 0;
                }
                self.attempt += 1;
                self.stage = Stage::Fresh;
            }
            // Consent does not outlive its session: what was not written is asked about once more.
            Filling::Retry { .. } | Filling::Write { .. } => {}
        }
    }
}
