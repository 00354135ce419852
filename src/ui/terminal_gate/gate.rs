use super::terminal::{Terminal, TerminalSettings};
use crate::interrupt::Interrupt;
use crate::llm::WaitVerdict;
use crate::prompt::Prompt;
use crate::session::{
    AgentQuestion, AgentVerdict, Answer, ApplyQuestion, ApplyVerdict, BrokenQuestion, BrokenVerdict,
    CheckQuestion, CheckVerdict, CloseQuestion, ConfirmQuestion, Confirmation, DelegateQuestion,
    DelegateVerdict, EditedQuestion, FailedQuestion, Gate, ListQuestion, LostQuestion, LostVerdict,
    NextVerdict, OutstandingQuestion, OutstandingVerdict, Picks, PlanQuestion, PlanVerdict, RecheckQuestion,
    RollBackQuestion, RollBackVerdict, SendQuestion, SendVerdict, StaleQuestion, StaleVerdict,
    StoredCheckQuestion, StoredCheckVerdict, Subject, UnusableQuestion, UnusableVerdict, WaitQuestion,
};
use crate::state::By;
use crate::ui::countdown::Countdown;

/// The gate at a terminal: a person answers.
pub struct TerminalGate {
    terminal: Terminal,
    user: String,
    countdown: Countdown,
}

impl TerminalGate {
    /// A gate for the person of this login name.
    pub fn new(user: String, settings: TerminalSettings, interrupt: Interrupt) -> Self {
        Self {
            terminal: Terminal::new(settings, interrupt),
            user,
            countdown: Countdown::default(),
        }
    }
}

impl Gate for TerminalGate {
    fn by(&self) -> By {
        By::Person(self.user.clone())
    }

    fn status(&mut self, status: &str) -> Answer<()> {
        self.terminal.status(status)
    }

    fn elsewhere(&mut self, host: &str) -> Answer<()> {
        self.terminal.elsewhere(host)
    }

    fn vouch(&mut self, subject: &Subject, external: &[String]) -> Answer<()> {
        self.terminal.vouch(subject, external)
    }

    fn send(&mut self, question: &SendQuestion<'_>) -> Answer<SendVerdict> {
        self.terminal.send(question)
    }

    fn wait(&mut self, question: &WaitQuestion) -> WaitVerdict {
        self.countdown.show(question)
    }

    fn waited(&mut self) {
        self.countdown.end();
    }

    fn hand_over(&mut self, subject: &Subject, prompt: &Prompt) -> Answer<()> {
        self.terminal.hand_over(subject, prompt)
    }

    fn delegate(&mut self, question: &DelegateQuestion<'_>) -> Answer<DelegateVerdict> {
        self.terminal.delegate(question)
    }

    fn agent(&mut self, question: &AgentQuestion<'_>) -> Answer<AgentVerdict> {
        self.terminal.agent(question)
    }

    fn plan_after_agent(&mut self, question: &PlanQuestion<'_>) -> Answer<PlanVerdict> {
        self.terminal.plan_after_agent(question)
    }

    fn lost(&mut self, question: &LostQuestion<'_>) -> Answer<LostVerdict> {
        self.terminal.lost(question)
    }

    fn outstanding(&mut self, question: &OutstandingQuestion<'_>) -> Answer<OutstandingVerdict> {
        self.terminal.outstanding(question)
    }

    fn unusable(&mut self, question: &UnusableQuestion<'_>) -> Answer<UnusableVerdict> {
        self.terminal.unusable(question)
    }

    fn stale(&mut self, question: &StaleQuestion<'_>) -> Answer<StaleVerdict> {
        self.terminal.stale(question)
    }

    fn apply(&mut self, question: &ApplyQuestion<'_>) -> Answer<ApplyVerdict> {
        self.terminal.apply(question)
    }

    fn worked(&mut self, subject: &Subject) -> Answer<()> {
        self.terminal.worked(subject)
    }

    fn edited(&mut self, question: &EditedQuestion<'_>) -> Answer<()> {
        self.terminal.edited(question)
    }

    fn check(&mut self, question: &CheckQuestion<'_>) -> Answer<CheckVerdict> {
        self.terminal.check(question)
    }

    fn stored_check(&mut self, question: &StoredCheckQuestion<'_>) -> Answer<StoredCheckVerdict> {
        self.terminal.stored_check(question)
    }

    fn recheck(&mut self, question: &RecheckQuestion<'_>) -> Answer<()> {
        self.terminal.recheck(question)
    }

    fn broken(&mut self, question: &BrokenQuestion<'_>) -> Answer<BrokenVerdict> {
        self.terminal.broken(question)
    }

    fn failed(&mut self, question: &FailedQuestion<'_>) -> Answer<NextVerdict> {
        self.terminal.failed(question)
    }

    fn confirm(&mut self, question: &ConfirmQuestion<'_>) -> Answer<Confirmation> {
        self.terminal.confirm(question)
    }

    fn close(&mut self, question: &CloseQuestion<'_>) -> Answer<NextVerdict> {
        self.terminal.close(question)
    }

    fn roll_back(&mut self, question: &RollBackQuestion<'_>) -> Answer<RollBackVerdict> {
        self.terminal.roll_back(question)
    }

    fn list(&mut self, question: &ListQuestion<'_>) -> Answer<Picks> {
        self.terminal.list(question)
    }
}
