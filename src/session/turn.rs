use super::gate::{Answer, EditedQuestion};
use super::memory::Memory;
use super::session::Session;
use super::stage::Stage;
use super::subject::{FINAL, Subject};
use crate::plan_file::Reading;
use crate::state::Record;
use crate::words::{Digest, Failure};

/// A step at one moment: what the record says of it, and how the plan reads now.
pub(crate) struct Turn<'t, 's> {
    pub(crate) session: &'t mut Session<'s>,
    pub(crate) step: &'t str,
    pub(crate) memory: Memory,
    pub(crate) reading: &'t Reading,
}

impl Turn<'_, '_> {
    /// Whether it is the prompt that closes the plan, and no step.
    pub(crate) fn is_final(&self) -> bool {
        self.step == FINAL
    }

    pub(crate) fn subject(&self) -> Result<Subject, Failure> {
        if self.is_final() {
            return Ok(Subject {
                step: FINAL.to_owned(),
                title: "Final AI Prompt".to_owned(),
                attempt: self.memory.attempt,
            });
        }
        Ok(self
            .session
            .desk
            .find(self.reading, self.step)?
            .subject(self.memory.attempt))
    }

    pub(crate) fn record(&mut self, record: Record) -> Result<(), Failure> {
        self.session.desk.record(record)
    }

    /// Puts on record that no reply came, with what came of one. No model could do better, and nothing is known of its cost.
    pub(crate) fn no_reply(&mut self, why: impl Into<String>, part: Option<Digest>) -> Result<(), Failure> {
        self.record(Record::NoReply {
            step: self.name(),
            attempt: self.memory.attempt,
            why: why.into(),
            partial: part,
            refused: None,
            usage: None,
            cost: None,
        })
    }

    pub(crate) fn name(&self) -> String {
        self.step.to_owned()
    }

    /// Keeps the step's text as it is now and names it: what consent and evidence are about.
    pub(crate) fn keep_text(&self) -> Result<Digest, Failure> {
        if self.is_final() {
            let prompt = self.reading.plan.final_prompt.as_ref();
            let text = prompt
                .map(|prompt| prompt.text(&self.reading.source))
                .unwrap_or_default();
            return self.session.desk.blobs.put_exact(text.as_bytes());
        }
        let found = self.session.desk.find(self.reading, self.step)?;
        self.session
            .desk
            .blobs
            .put_exact(found.step.unticked(found.source).as_bytes())
    }

    /// Asks about a step whose own text was changed since this attempt began. Says whether it was: the record has it then,
    /// and is to be looked at anew.
    pub(crate) fn notice_edit(&mut self) -> Answer<bool> {
        let found = self.session.desk.find(self.reading, self.step)?;
        let now = found.step.unticked(found.source);
        let Some(before) = self
            .memory
            .text
            .clone()
            .filter(|before| *before != Digest::of(&now))
        else {
            return Ok(false);
        };
        // While a batch has it, there is nothing to decide: it is asked about when its reply is there.
        if matches!(
            self.memory.stage,
            Stage::Fresh | Stage::Escalated | Stage::Out { .. }
        ) {
            return Ok(false);
        }
        let old = self.session.desk.kept(&before).unwrap_or_default();
        let diff = similar::TextDiff::from_lines(&old, &now)
            .unified_diff()
            .context_radius(2)
            .to_string();
        let subject = self.subject()?;
        self.session.gate.edited(&EditedQuestion {
            subject: &subject,
            diff: &diff,
            replied: matches!(self.memory.stage, Stage::Replied { .. }),
        })?;
        let text = self.keep_text()?;
        let record = Record::Edited {
            step: self.name(),
            attempt: self.memory.attempt,
            text,
        };
        self.record(record)?;
        Ok(true)
    }
}
