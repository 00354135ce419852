use super::gate::{
    FillGate, FillLost, FillLostVerdict, FillSend, FillSendVerdict, Judge, Judgement, UnusableVerdict,
};
use super::part::Part;
use super::prompt::FillPrompt;
use crate::session::{Answer, Stop};
use crate::state::By;
use crate::words::{Exit, Failure};

/// The gate that asks nobody: an answer is saved only where nothing is found in it.
#[derive(Debug, Clone, Copy)]
pub struct FillUnattended;

impl FillUnattended {
    fn needs_person<T>(what: impl Into<String>, help: &str) -> Answer<T> {
        let failure = Failure::new(Exit::NeedsHuman, "needs-person", what);
        Err(Stop::Failure(failure.help(help)))
    }
}

impl FillGate for FillUnattended {
    fn by(&self) -> By {
        By::Unattended
    }

    fn elsewhere(&mut self, host: &str) -> Answer<()> {
        Self::needs_person(
            format!("the record of this document was last written on `{host}`"),
            "run at a terminal to go on here, or name another folder with `--state-dir DIR`",
        )
    }

    fn send(&mut self, _: &FillSend<'_>) -> Answer<FillSendVerdict> {
        Ok(FillSendVerdict::Send)
    }

    fn hand_over(&mut self, part: &Part, _: &FillPrompt) -> Answer<Option<String>> {
        Self::needs_person(
            format!("`{}` is to be sent by hand: the endpoint is `manual`", part.key),
            "name an endpoint that stepgate can reach with `--endpoint NAME`",
        )
    }

    fn lost(&mut self, question: &FillLost<'_>) -> Answer<FillLostVerdict> {
        Self::needs_person(
            format!(
                "the prompt for `{}` was sent to `{}` at {}, and the answer is not known: it may have been billed",
                question.part.key, question.endpoint, question.at
            ),
            "run at a terminal to decide whether it is sent again",
        )
    }

    fn unusable(&mut self, _: &Part, why: &Failure) -> Answer<UnusableVerdict> {
        Err(Stop::Failure(why.clone()))
    }

    fn judge(&mut self, question: &Judge<'_>) -> Answer<Judgement> {
        let key = &question.part.key;
        if question.changed {
            let text = format!("`{key}` was changed since its answer was asked for");
            let failure = Failure::new(Exit::Changed, "part-changed", text)
                .help("run at a terminal to see the difference and decide");
            return Err(Stop::Failure(failure));
        }
        if question.refusals.is_empty() && question.findings.is_empty() {
            return Ok(Judgement::Save);
        }
        let text = format!("the answer for `{key}` is not as it should be, and nothing was saved");
        let mut failure = Failure::new(Exit::ReplyUnusable, "answer-refused", text)
            .help("run again to ask once more with what was found in the prompt, or at a terminal to decide");
        let found = question.refusals.iter().chain(question.findings);
        failure.diagnostics.extend(found.cloned());
        Ok(Judgement::Refuse(failure))
    }
}
