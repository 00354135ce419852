//! Requests that the record of their plan lost: it was put aside or damaged while they were with an engine.

use super::dock::{Berth, Claim, find};
use crate::export::StepEntry;
use crate::plan_file::Reading;
use crate::session::{Stage, is_known};
use crate::state::{MadeAt, Record};
use crate::words::{Exit, Failure};

/// What becomes of the result of a request that no step waits for by the record of its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Adopted {
    /// The step waits for it, on record again.
    Waits,
    /// No step takes it: the record knows what became of the request, or the step is done or gone.
    Unasked,
    /// Something else is under way of the step: that goes on first.
    Later,
}

impl Berth {
    /// Puts a request on record that was lost from it, where its step would be sent otherwise. It was agreed to `at` that
    /// time, by the clock of the machine.
    pub(super) fn adopt(
        &mut self,
        step: &StepEntry,
        claim: &Claim<'_>,
        at: &str,
        reading: Option<&Reading>,
    ) -> Result<Adopted, Failure> {
        if is_known(self.journal.entries(), &step.step, claim.mark, Some(at)) {
            return Ok(Adopted::Unasked);
        }
        let found = reading.and_then(|reading| find(reading, &step.step));
        // Nobody can say it of a plan that cannot be read: the reply is kept, as that of any other step of it.
        if reading.is_some() && found.as_ref().is_none_or(|found| found.step.is_done()) {
            return Ok(Adopted::Unasked);
        }
        let memory = self.memory(&step.step);
        if memory.stage != Stage::Fresh || memory.attempt > step.attempt {
            return Ok(Adopted::Later);
        }
        let same = found.filter(|found| found.step.fingerprint(found.source) == step.text);
        let text = same.map(|found| self.blobs.put_exact(found.step.unticked(found.source).as_bytes()));
        self.journal.add(Record::Send {
            step: step.step.clone(),
            attempt: step.attempt,
            // Of a text that is no longer in the plan only the digest is known.
            text: text.transpose()?.unwrap_or_else(|| step.text.clone()),
            prompt: self.prompt(step, claim)?,
            made: None,
            endpoint: claim.endpoint.to_owned(),
            model: Some(claim.model.to_owned()),
            foreseen: None,
            batch: Some(claim.mark.to_owned()),
            // That went with the record.
            made_at: Some(MadeAt::Unknown),
        })?;
        Ok(Adopted::Waits)
    }
}

/// That the reply of a step waits until something else is over that is under way of it.
pub(super) fn later(step: &StepEntry, path: &str, mark: &str) -> Failure {
    let text = format!(
        "step {} of `{path}` is with batch {mark}, the record of the plan does not know it, and something else is under way of the step",
        step.step
    );
    Failure::new(Exit::NeedsHuman, "out-already", text)
        .help("`stepgate run PLAN` goes on with the step, and asks before it would be sent; then fetch again")
        .help(format!(
            "or give up on the reply with `stepgate batch cancel {mark} --forget`"
        ))
}
