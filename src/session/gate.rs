//! The gate: every question that a session has, and the verdicts on them.
//!
//! A gate decides and never acts: it writes no file, sends nothing and runs nothing. So a terminal, a script and a test
//! drive the same session.

use super::agent_question::{AgentQuestion, AgentVerdict, DelegateQuestion, DelegateVerdict};
use super::apply_question::{ApplyQuestion, ApplyVerdict};
use super::check_question::{CheckQuestion, CheckVerdict};
use super::outstanding_question::{OutstandingQuestion, OutstandingVerdict};
use super::plan_question::{PlanQuestion, PlanVerdict};
use super::recheck_question::{BrokenQuestion, BrokenVerdict, RecheckQuestion};
use super::roll_back_question::{RollBackQuestion, RollBackVerdict};
use super::stale_question::{StaleQuestion, StaleVerdict};
use super::subject::Subject;
use super::wait_question::WaitQuestion;
use crate::llm::WaitVerdict;
use crate::prompt::Prompt;
use crate::state::{By, CheckRecord};
use crate::words::Failure;

/// Why a session ends before its work is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// The person left. Everything so far is on record.
    Quit,
    /// A signal; its number.
    Interrupted(u8),
    /// stepgate could not do its work, or needs a person.
    Failure(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// A verdict, or the end of the session.
pub type Answer<T> = Result<T, Stop>;

/// May this prompt be sent?
#[derive(Debug)]
pub struct SendQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// What would be sent.
    pub prompt: &'a Prompt,
    /// Where to; `None` for a person's own tool.
    pub endpoint: Option<&'a str>,
    /// Why it is asked once more, where it is.
    pub again: Option<&'a str>,
    /// Why the step's success check will not run, where that is known already.
    pub not_runnable: Option<&'a str>,
}

/// The verdict on a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendVerdict {
    /// Send it as it was shown.
    Send,
    /// Send this text in its place.
    Edited(String),
    /// Send nothing: the person does the step's work.
    Skip,
}

/// What to do about a request whose answer was lost?
#[derive(Debug)]
pub struct LostQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// Where it was sent.
    pub endpoint: &'a str,
    /// When, by the clock of the machine.
    pub at: &'a str,
    /// The file that holds what came of the answer, where anything did.
    pub partial: Option<&'a str>,
}

/// The verdict on a lost request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostVerdict {
    /// Ask again: it may be billed twice.
    SendAgain,
    /// The person does the step's work.
    ByHand,
}

/// What to do about a reply that cannot be used?
#[derive(Debug)]
pub struct UnusableQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// Why it cannot be used.
    pub why: &'a Failure,
}

/// The verdict on an unusable reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnusableVerdict {
    /// Back to the prompt, which can be edited there.
    AskAgain,
    /// The person does the step's work.
    ByHand,
}

/// A check passed before a crash: does that still hold?
#[derive(Debug)]
pub struct StoredCheckQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// What came of it.
    pub check: &'a CheckRecord,
    /// When, by the clock of the machine.
    pub at: &'a str,
}

/// The verdict on a stored check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredCheckVerdict {
    /// Go on with it.
    Use,
    /// Run it again.
    Rerun,
}

/// The check did not pass: what now?
#[derive(Debug)]
pub struct FailedQuestion<'a> {
    /// The plan, as the user named it.
    pub plan: &'a str,
    /// The step.
    pub subject: &'a Subject,
    /// What came of the check.
    pub check: &'a CheckRecord,
    /// How to undo the step, in the plan's words.
    pub rollback: &'a [String],
    /// Attempts at the step in this session, this one among them.
    pub tries: u32,
    /// Attempts that did not pass since the step was last taken up, in this session and those before it.
    pub attempts: u32,
}

/// The verdict after a failure, or on closing a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextVerdict {
    /// Tick its boxes. Only where everything was confirmed.
    Done,
    /// Ask the model once more, with the failure and a note in the prompt.
    Retry(Option<String>),
    /// Check again.
    CheckAgain,
    /// Put back everything that the step changed: it begins anew.
    RollBack,
    /// Give it to somebody else, for this reason; the session ends.
    Escalate(String),
}

/// Which boxes were verified?
#[derive(Debug)]
pub struct ConfirmQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// Open criteria.
    pub criteria: &'a [String],
    /// Open tasks.
    pub tasks: &'a [String],
    /// Open boxes elsewhere in the step.
    pub other: &'a [String],
    /// How it was checked.
    pub check: &'a CheckRecord,
}

/// The boxes that were verified, one flag a box of the question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// The criteria.
    pub criteria: Vec<bool>,
    /// The tasks.
    pub tasks: Vec<bool>,
    /// The others.
    pub other: Vec<bool>,
}

impl Confirmation {
    /// Whether every criterion and every task was verified.
    pub fn complete(&self) -> bool {
        self.criteria.iter().chain(&self.tasks).all(|yes| *yes)
    }
}

/// May the step be closed?
#[derive(Debug)]
pub struct CloseQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// How many boxes would be ticked.
    pub boxes: usize,
    /// Criteria and tasks that were not confirmed: with any, the step cannot be done.
    pub open: &'a [String],
    /// Attempts since the step was last taken up, this one among them.
    pub attempts: u32,
    /// How to undo the step, in the plan's words.
    pub rollback: &'a [String],
}

/// Which boxes outside the steps hold?
#[derive(Debug)]
pub struct ListQuestion<'a> {
    /// The headings above the boxes.
    pub heading: &'a [String],
    /// Open boxes.
    pub boxes: &'a [String],
    /// Why it is asked now.
    pub moment: Moment,
}

/// When a list is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Before the first step.
    Before,
    /// When the last step of a phase has closed: the next phase waits for it.
    PhaseEnd,
    /// When the phase is done that the boxes name.
    Milestone,
    /// When all steps are done.
    End,
}

/// The boxes that hold, and why the others stay open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picks {
    /// One flag a box of the question.
    pub ticked: Vec<bool>,
    /// Why the rest stays open; kept on record.
    pub reason: Option<String>,
}

/// The step's own text was changed since it was begun: is it gone on with?
#[derive(Debug)]
pub struct EditedQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// How it was changed, as a unified difference.
    pub diff: &'a str,
    /// Whether a reply to the text as it was is stored and waits.
    pub replied: bool,
}

/// Decides what a session asks.
pub trait Gate {
    /// In whose name the answers are.
    fn by(&self) -> By;

    /// In whose name boxes are ticked that a check stands behind.
    fn by_check(&self) -> By {
        self.by()
    }

    /// May a plan be run whose status is neither Approved nor In Progress?
    fn status(&mut self, status: &str) -> Answer<()>;

    /// The record of this plan was last written on another machine, by its host name: go on here?
    fn elsewhere(&mut self, host: &str) -> Answer<()>;

    /// Do these things, which stepgate cannot see, hold?
    fn vouch(&mut self, subject: &Subject, external: &[String]) -> Answer<()>;

    /// May this prompt be sent?
    fn send(&mut self, question: &SendQuestion<'_>) -> Answer<SendVerdict>;

    /// Go on waiting? Asked many times a second while it lasts, so it has to be answered at once.
    fn wait(&mut self, _: &WaitQuestion) -> WaitVerdict {
        WaitVerdict::On
    }

    /// The wait is over, however it ended.
    fn waited(&mut self) {}

    /// Gives a prompt to the person, who uses a tool of their own. Returns when they have done so.
    fn hand_over(&mut self, subject: &Subject, prompt: &Prompt) -> Answer<()>;

    /// May this program be run on the prompt?
    fn delegate(&mut self, question: &DelegateQuestion<'_>) -> Answer<DelegateVerdict>;

    /// What becomes of that which an agent did to the tree?
    fn agent(&mut self, question: &AgentQuestion<'_>) -> Answer<AgentVerdict>;

    /// The plan was changed while an agent ran, or since: is it to be put back as it was?
    fn plan_after_agent(&mut self, question: &PlanQuestion<'_>) -> Answer<PlanVerdict>;

    /// What to do about a request whose answer was lost?
    fn lost(&mut self, question: &LostQuestion<'_>) -> Answer<LostVerdict>;

    /// The step is with a batch engine already: what now?
    fn outstanding(&mut self, question: &OutstandingQuestion<'_>) -> Answer<OutstandingVerdict>;

    /// What to do about a reply that cannot be used?
    fn unusable(&mut self, question: &UnusableQuestion<'_>) -> Answer<UnusableVerdict>;

    /// What to do about a stored reply whose prompt would be another one now?
    fn stale(&mut self, question: &StaleQuestion<'_>) -> Answer<StaleVerdict>;

    /// May these files be written?
    fn apply(&mut self, question: &ApplyQuestion<'_>) -> Answer<ApplyVerdict>;

    /// Waits until the person has done the step's work in the tree.
    fn worked(&mut self, subject: &Subject) -> Answer<()>;

    /// The step's own text changed since it was begun: go on with the new text?
    fn edited(&mut self, question: &EditedQuestion<'_>) -> Answer<()>;

    /// How is the step to be checked?
    fn check(&mut self, question: &CheckQuestion<'_>) -> Answer<CheckVerdict>;

    /// Does a check hold that passed before a crash?
    fn stored_check(&mut self, question: &StoredCheckQuestion<'_>) -> Answer<StoredCheckVerdict>;

    /// May the checks of these finished steps run again?
    fn recheck(&mut self, question: &RecheckQuestion<'_>) -> Answer<()>;

    /// These finished steps no longer hold: what now?
    fn broken(&mut self, question: &BrokenQuestion<'_>) -> Answer<BrokenVerdict>;

    /// The check did not pass: what now?
    fn failed(&mut self, question: &FailedQuestion<'_>) -> Answer<NextVerdict>;

    /// Which boxes were verified?
    fn confirm(&mut self, question: &ConfirmQuestion<'_>) -> Answer<Confirmation>;

    /// May the step be closed?
    fn close(&mut self, question: &CloseQuestion<'_>) -> Answer<NextVerdict>;

    /// May what a step changed be put back?
    fn roll_back(&mut self, question: &RollBackQuestion<'_>) -> Answer<RollBackVerdict>;

    /// Which boxes outside the steps hold?
    fn list(&mut self, question: &ListQuestion<'_>) -> Answer<Picks>;
}
