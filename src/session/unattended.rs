use std::path::Path;

use super::agent_question::{AgentQuestion, AgentVerdict, DelegateQuestion, DelegateVerdict};
use super::apply_question::{ApplyQuestion, ApplyVerdict};
use super::check_question::{CheckQuestion, CheckVerdict};
use super::delegating::failed as agent_failed;
use super::gate::{
    Answer, CloseQuestion, ConfirmQuestion, Confirmation, EditedQuestion, FailedQuestion, Gate, ListQuestion,
    LostQuestion, LostVerdict, Moment, NextVerdict, Picks, SendQuestion, SendVerdict, Stop,
    StoredCheckQuestion, StoredCheckVerdict, UnusableQuestion, UnusableVerdict,
};
use super::outstanding_question::{OutstandingQuestion, OutstandingVerdict};
use super::plan_question::{PlanQuestion, PlanVerdict};
use super::recheck_question::{BrokenQuestion, BrokenVerdict, RecheckQuestion};
use super::regress;
use super::roll_back_question::{RollBackQuestion, RollBackVerdict};
use super::rollback;
use super::stale_question::{StaleQuestion, StaleVerdict};
use super::subject::Subject;
use crate::prompt::Prompt;
use crate::state::{By, CheckRecord};
use crate::words::{Exit, Failure, counted, shell_word};

/// The gate that asks nobody: a step passes only if its check passes, and the record says so.
///
/// Whatever needs a person ends the session with exit 5.
#[derive(Debug, Clone)]
pub struct Unattended {
    /// In whose name boxes outside the steps, and what stepgate cannot see, are vouched for; `None` leaves them open.
    pub attested: Option<String>,
    /// Attempts at a step before a failed check ends the session, from 1.
    pub attempts: u32,
    /// What becomes of a stored reply whose prompt would be another one now; `None` ends the session.
    pub stale: Option<StaleVerdict>,
}

impl Unattended {
    fn needs_person<T>(what: impl Into<String>, help: &str) -> Answer<T> {
        let failure = Failure::new(Exit::NeedsHuman, "needs-person", what);
        Err(Stop::Failure(failure.help(help)))
    }

    fn cannot_be_checked<T>(subject: &Subject, why: &str) -> Answer<T> {
        Self::needs_person(
            format!("step {} cannot be checked: {why}", subject.step),
            "give the step a success check that can run, or run at a terminal and verify by hand",
        )
    }
}

/// What is said of a check whose shell ended with 0 and went past a command that did not, where nobody can look at it.
pub fn in_doubt(step: &str, check: &CheckRecord) -> Failure {
    let but = check.but().unwrap_or_default();
    let text =
        format!("whether the check of step {step} passed is in doubt: its shell ended with 0, but {but}");
    Failure::new(Exit::NeedsHuman, "check-in-doubt", text)
        .help("mend the check, so that it fails where one of its commands does: each on a line of its own, or with `|| exit 1`")
        .help("or, where the first command of a line may fail, write `if A; then B; fi`")
        .help("or run it at a terminal, to look at it and decide")
}

impl Gate for Unattended {
    fn by(&self) -> By {
        match &self.attested {
            Some(user) => By::Attested(user.clone()),
            None => By::Unattended,
        }
    }

    fn by_check(&self) -> By {
        // Who vouches beforehand has seen no check.
        By::Unattended
    }

    fn status(&mut self, status: &str) -> Answer<()> {
        let shown = if status.is_empty() {
            "none".to_owned()
        } else {
            format!("`{status}`")
        };
        Self::needs_person(
            format!("the plan's status is {shown}, and a plan is run when it is Approved or In Progress"),
            "set `**Status:** Approved` in the plan's header, or run at a terminal to be asked",
        )
    }

    fn elsewhere(&mut self, host: &str) -> Answer<()> {
        Self::needs_person(
            format!("the record of this plan was last written on `{host}`"),
            "run at a terminal to go on here, or name another folder with `--state-dir DIR`",
        )
    }

    fn vouch(&mut self, subject: &Subject, external: &[String]) -> Answer<()> {
        if self.attested.is_some() {
            return Ok(());
        }
        Self::needs_person(
            format!(
                "step {} depends on what only a person can see: {}",
                subject.step,
                external.join("; ")
            ),
            "vouch for it beforehand with `--attest`, which is put on record, or run at a terminal to be asked",
        )
    }

    fn send(&mut self, question: &SendQuestion<'_>) -> Answer<SendVerdict> {
        // Before anything is sent: a reply that nothing can check would be paid for and left lying.
        match question.not_runnable {
            None => Ok(SendVerdict::Send),
            Some(why) => Self::cannot_be_checked(question.subject, why),
        }
    }

    fn hand_over(&mut self, subject: &Subject, _: &Prompt) -> Answer<()> {
        Self::needs_person(
            format!(
                "step {} is to be sent by hand: the endpoint is `manual`",
                subject.step
            ),
            "name an endpoint that stepgate can reach with `--endpoint NAME`",
        )
    }

    fn delegate(&mut self, question: &DelegateQuestion<'_>) -> Answer<DelegateVerdict> {
        match question.not_runnable {
            None => Ok(DelegateVerdict::Run),
            Some(why) => Self::cannot_be_checked(question.subject, why),
        }
    }

    fn agent(&mut self, question: &AgentQuestion<'_>) -> Answer<AgentVerdict> {
        let (step, endpoint) = (&question.subject.step, question.endpoint);
        let look = "run at a terminal to look at what it did, and to keep it or put it back";
        let Some(agent) = question.agent.filter(|agent| !agent.interrupted) else {
            let text = format!("the agent `{endpoint}` was cut off while it worked on step {step}");
            return Self::needs_person(text, look);
        };
        if !agent.succeeded() {
            return Err(Stop::Failure(agent_failed(endpoint, agent)));
        }
        let changes = &question.difference.changes;
        let named = |(index, what): &(usize, String)| Some((changes.get(*index)?.name(), what.clone()));
        if let Some((path, what)) = question.guarded.iter().find_map(named) {
            let text = format!("the agent `{endpoint}` changed `{path}` for step {step}, which is {what}");
            return Self::needs_person(text, look);
        }
        if let Some(change) = question.git.iter().find(|change| change.runs) {
            let text = format!(
                "after the agent `{endpoint}` worked on step {step}, {}",
                change.what
            );
            return Self::needs_person(text, look);
        }
        Ok(AgentVerdict::Keep)
    }

    fn plan_after_agent(&mut self, question: &PlanQuestion<'_>) -> Answer<PlanVerdict> {
        if !question.cut_off {
            return Ok(PlanVerdict::Refuse);
        }
        let endpoint = question.endpoint;
        Self::needs_person(
            format!("the session ended while the agent `{endpoint}` ran, and the plan was changed since"),
            "run at a terminal to see how, and to decide whether it is put back",
        )
    }

    fn lost(&mut self, question: &LostQuestion<'_>) -> Answer<LostVerdict> {
        Self::needs_person(
            format!(
                "the prompt of step {} was sent to `{}` at {}, and the answer is not known: it may have been billed",
                question.subject.step, question.endpoint, question.at
            ),
            "run at a terminal to decide whether it is sent again",
        )
    }

    fn outstanding(&mut self, question: &OutstandingQuestion<'_>) -> Answer<OutstandingVerdict> {
        Err(Stop::Failure(question.refused()))
    }

    fn unusable(&mut self, question: &UnusableQuestion<'_>) -> Answer<UnusableVerdict> {
        Err(Stop::Failure(question.why.clone()))
    }

    fn stale(&mut self, question: &StaleQuestion<'_>) -> Answer<StaleVerdict> {
        self.stale.ok_or_else(|| Stop::Failure(question.refused()))
    }

    fn apply(&mut self, question: &ApplyQuestion<'_>) -> Answer<ApplyVerdict> {
        let guarded = question
            .changes
            .iter()
            .find_map(|change| Some((change.name(), change.protection?)));
        if let Some((path, what)) = guarded {
            return Self::needs_person(
                format!(
                    "the reply to step {} changes `{path}`, which is {what}",
                    question.subject.step
                ),
                "run at a terminal to look at it",
            );
        }
        Ok(ApplyVerdict::Apply)
    }

    fn worked(&mut self, _: &Subject) -> Answer<()> {
        // A reply without files: the check tells whether there was anything to do.
        Ok(())
    }

    fn edited(&mut self, question: &EditedQuestion<'_>) -> Answer<()> {
        let step = &question.subject.step;
        if question.replied && self.stale.is_some() {
            // What becomes of the reply is asked next.
            return Ok(());
        }
        let text = format!("step {step} was edited while it was being worked on");
        let failure = Failure::new(Exit::Changed, "step-edited", text)
            .help("run at a terminal to see the difference and decide");
        Err(Stop::Failure(match question.replied {
            true => failure.help(
                "or say it beforehand: `--stale-reply use` goes on with the reply to the step as it was, `--stale-reply again` asks the model again",
            ),
            false => failure,
        }))
    }

    fn check(&mut self, question: &CheckQuestion<'_>) -> Answer<CheckVerdict> {
        match question.not_runnable() {
            None => Ok(CheckVerdict::All),
            Some(why) => Self::cannot_be_checked(question.subject, &why),
        }
    }

    fn stored_check(&mut self, _: &StoredCheckQuestion<'_>) -> Answer<StoredCheckVerdict> {
        Ok(StoredCheckVerdict::Rerun)
    }

    fn recheck(&mut self, _: &RecheckQuestion<'_>) -> Answer<()> {
        Ok(())
    }

    fn broken(&mut self, question: &BrokenQuestion<'_>) -> Answer<BrokenVerdict> {
        Err(Stop::Failure(regress::no_longer_holds(question)))
    }

    fn failed(&mut self, question: &FailedQuestion<'_>) -> Answer<NextVerdict> {
        let (step, tries) = (&question.subject.step, question.tries);
        if tries < self.attempts {
            return Ok(NextVerdict::Retry(None));
        }
        let plan = shell_word(Path::new(question.plan));
        let text = format!(
            "the check of step {step} did not pass in {}: {}",
            counted(tries as usize, "attempt", "attempts"),
            question.check.outcome
        );
        let failure = Failure::new(Exit::NotPassed, "check-failed", text)
            .help("run at a terminal to look at it, or allow more with `--attempts N`")
            .help(format!(
                "or leave the step: `stepgate rollback {plan} {step}` puts back what it changed, and `stepgate run {plan}` \
                 at a terminal gives it to somebody else too"
            ));
        Err(Stop::Failure(failure))
    }

    fn confirm(&mut self, question: &ConfirmQuestion<'_>) -> Answer<Confirmation> {
        if !question.check.is_certain() {
            return Err(Stop::Failure(in_doubt(&question.subject.step, question.check)));
        }
        Ok(Confirmation {
            criteria: vec![true; question.criteria.len()],
            tasks: vec![true; question.tasks.len()],
            // No check is known to stand behind boxes under other labels.
            other: vec![self.attested.is_some(); question.other.len()],
        })
    }

    fn close(&mut self, _: &CloseQuestion<'_>) -> Answer<NextVerdict> {
        Ok(NextVerdict::Done)
    }

    fn roll_back(&mut self, question: &RollBackQuestion<'_>) -> Answer<RollBackVerdict> {
        rollback::unasked(question)
    }

    fn list(&mut self, question: &ListQuestion<'_>) -> Answer<Picks> {
        // A phase's criteria stand on the checks of its steps. No check stands behind the other lists.
        let holds = self.attested.is_some() || question.moment == Moment::PhaseEnd;
        let reason = (!holds).then(|| "nobody was asked: the session was unattended".to_owned());
        Ok(Picks {
            ticked: vec![holds; question.boxes.len()],
            reason,
        })
    }
}
