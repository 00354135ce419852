//! Boxes outside the steps.

use super::terminal::Terminal;
use crate::session::{Answer, ListQuestion, Moment, Picks};
use crate::words::printable_line;

impl Terminal {
    pub(super) fn list(&self, question: &ListQuestion<'_>) -> Answer<Picks> {
        let place: Vec<_> = question.heading.iter().map(|part| printable_line(part)).collect();
        let when = match question.moment {
            Moment::Before => "before the first step",
            Moment::PhaseEnd => "the phase's steps are done, and the next phase waits for this",
            Moment::Milestone => "the phase that it names is done",
            Moment::End => "all steps are done",
        };
        self.board.show("");
        self.board.say(format!(
            "{} {}",
            self.paint.next(&place.join(" › ")),
            self.paint.faint(&format!("({when})"))
        ));
        let ticked = self.ask.pick("which of these hold?", question.boxes)?;
        let reason = if ticked.iter().all(|yes| *yes) {
            None
        } else {
            let reason = self.ask.words("why do the others stay open? (may be empty)")?;
            Some(reason).filter(|reason| !reason.is_empty())
        };
        Ok(Picks { ticked, reason })
    }
}
