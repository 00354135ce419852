//! What becomes of a request without an answer, and of a reply that cannot be used.

use super::terminal::Terminal;
use crate::session::{
    Answer, LostQuestion, LostVerdict, OutstandingQuestion, OutstandingVerdict, StaleQuestion, StaleVerdict,
    Stop, Subject, UnusableQuestion, UnusableVerdict,
};
use crate::ui::recorded;
use crate::words::printable_line;

impl Terminal {
    pub(super) fn lost(&self, question: &LostQuestion<'_>) -> Answer<LostVerdict> {
        recorded::tell_lost(&self.board, question.endpoint, question.at, question.partial);
        match self.ask.choose(
            "send it again?",
            &["send it again", "no: I do the step by hand", "quit"],
        )? {
            0 => Ok(LostVerdict::SendAgain),
            1 => Ok(LostVerdict::ByHand),
            _ => Err(Stop::Quit),
        }
    }

    pub(super) fn outstanding(&self, question: &OutstandingQuestion<'_>) -> Answer<OutstandingVerdict> {
        self.board.say(format!(
            "  step {} is with batch {}; the record of this plan does not know it, because it was put aside or damaged",
            question.subject.step, question.mark
        ));
        let answers = [
            "wait: its reply comes to this step",
            "send it again: both may be billed",
            "quit",
        ];
        match self.ask.choose("wait for the batch?", &answers)? {
            0 => Ok(OutstandingVerdict::Wait),
            1 => Ok(OutstandingVerdict::SendAgain),
            _ => Err(Stop::Quit),
        }
    }

    pub(super) fn unusable(&self, question: &UnusableQuestion<'_>) -> Answer<UnusableVerdict> {
        self.board.show(
            self.paint
                .bad(&format!("  {}", printable_line(&question.why.to_string()))),
        );
        for diagnostic in &question.why.diagnostics {
            if let Some(found) = &diagnostic.found {
                self.board.say(format!("  found: {}", printable_line(found)));
            }
        }
        let answers = [
            "ask again (the prompt can be edited)",
            "do the step by hand",
            "quit",
        ];
        match self
            .ask
            .choose("this reply cannot be used; what now?", &answers)?
        {
            0 => Ok(UnusableVerdict::AskAgain),
            1 => Ok(UnusableVerdict::ByHand),
            _ => Err(Stop::Quit),
        }
    }

    pub(super) fn stale(&self, question: &StaleQuestion<'_>) -> Answer<StaleVerdict> {
        let StaleQuestion { subject, when, diff } = question;
        let step = &subject.step;
        self.board.say(format!(
            "  this reply answers a prompt that was {when}; the prompt of step {step} would be another one now:"
        ));
        self.show_lines(diff);
        let answers = ["use it", "no: ask the model again", "quit"];
        match self.ask.choose("use this reply all the same?", &answers)? {
            0 => Ok(StaleVerdict::Use),
            1 => Ok(StaleVerdict::AskAgain),
            _ => Err(Stop::Quit),
        }
    }

    pub(super) fn worked(&self, subject: &Subject) -> Answer<()> {
        let name = subject.name();
        let (asked, ready) = if subject.is_step() {
            (
                format!("{name}: make the changes in the tree, then come back"),
                "the tree is ready",
            )
        } else {
            (
                format!("{name}: use your own tool, then come back"),
                "I have read the answer",
            )
        };
        match self.ask.choose(&asked, &[ready, "quit"])? {
            0 => Ok(()),
            _ => Err(Stop::Quit),
        }
    }
}
