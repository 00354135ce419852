//! What follows on a check: another attempt, or the end of a step.

use super::terminal::Terminal;
use crate::session::{
    Answer, CloseQuestion, ConfirmQuestion, Confirmation, FailedQuestion, NextVerdict, Stop,
};
use crate::words::{counted, printable_line};

/// What puts the step's files back.
const ROLL_BACK: &str = "roll back: put back what the step changed";

/// What a person may do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Done,
    Retry,
    CheckAgain,
    Escalate,
    RollBack,
    Quit,
}

impl Way {
    /// Whether it comes first in the list after many attempts: it ends the trying.
    fn ends_trying(self) -> bool {
        matches!(self, Self::Escalate | Self::RollBack)
    }
}

impl Terminal {
    pub(super) fn failed(&self, question: &FailedQuestion<'_>) -> Answer<NextVerdict> {
        self.board.show_rollback(question.rollback);
        let ways = [
            (self.retry("with the failure in the prompt"), Way::Retry),
            ("check again".to_owned(), Way::CheckAgain),
            ("escalate".to_owned(), Way::Escalate),
            (ROLL_BACK.to_owned(), Way::RollBack),
            ("quit".to_owned(), Way::Quit),
        ];
        let ways = self.advised(ways.into(), question.attempts);
        self.way("the check did not pass; what now?", &ways)
    }

    pub(super) fn confirm(&self, question: &ConfirmQuestion<'_>) -> Answer<Confirmation> {
        Ok(Confirmation {
            criteria: self
                .ask
                .pick("which criteria did you verify?", question.criteria)?,
            tasks: self.ask.pick("which tasks are complete?", question.tasks)?,
            other: self.ask.pick("which of these hold?", question.other)?,
        })
    }

    pub(super) fn close(&self, question: &CloseQuestion<'_>) -> Answer<NextVerdict> {
        let step = &question.subject.step;
        if question.open.is_empty() {
            let done = format!("done: tick {}", counted(question.boxes, "box", "boxes"));
            let ways = [
                (done, Way::Done),
                (self.retry("once more"), Way::Retry),
                ("check again".to_owned(), Way::CheckAgain),
                ("escalate".to_owned(), Way::Escalate),
                (ROLL_BACK.to_owned(), Way::RollBack),
                ("quit".to_owned(), Way::Quit),
            ];
            return self.way(&format!("is step {step} done?"), &ways);
        }
        self.board
            .show(format!("  step {step} is not done; these were not confirmed:"));
        for text in question.open {
            self.board.say(format!("  - {}", printable_line(text)));
        }
        self.board.show_rollback(question.rollback);
        let ways = [
            ("check and confirm again".to_owned(), Way::CheckAgain),
            (self.retry("once more"), Way::Retry),
            ("escalate".to_owned(), Way::Escalate),
            (ROLL_BACK.to_owned(), Way::RollBack),
            ("quit".to_owned(), Way::Quit),
        ];
        let ways = self.advised(ways.into(), question.attempts);
        self.way("what now?", &ways)
    }

    fn retry(&self, how: &str) -> String {
        if self.own_tool {
            format!("retry: give me the prompt for my own tool, {how}")
        } else {
            format!("retry: ask the model, {how}")
        }
    }

    /// After many attempts, what ends the trying comes first. It is advice: nothing is chosen beforehand.
    fn advised(&self, mut ways: Vec<(String, Way)>, attempts: u32) -> Vec<(String, Way)> {
        if attempts >= self.attempts {
            let tried = counted(attempts as usize, "attempt", "attempts");
            self.board.say(self.paint.warn(&format!(
                "  {tried} at this step did not pass: rather undo it, or give it to somebody who can look into it, than try once more"
            )));
            ways.sort_by_key(|(_, way)| !way.ends_trying());
        }
        ways
    }

    fn way(&self, question: &str, ways: &[(String, Way)]) -> Answer<NextVerdict> {
        let answers: Vec<&str> = ways.iter().map(|(words, _)| words.as_str()).collect();
        let picked = self.ask.choose(question, &answers)?;
        match ways.get(picked).map_or(Way::Quit, |(_, way)| *way) {
            Way::Done => Ok(NextVerdict::Done),
            Way::Retry => Ok(NextVerdict::Retry(self.note()?)),
            Way::CheckAgain => Ok(NextVerdict::CheckAgain),
            Way::Escalate => Ok(NextVerdict::Escalate(self.reason("why, and for whom?")?)),
            Way::RollBack => Ok(NextVerdict::RollBack),
            Way::Quit => Err(Stop::Quit),
        }
    }
}
