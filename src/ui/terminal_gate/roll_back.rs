//! May what a step changed be put back?

use super::terminal::Terminal;
use crate::session::{Answer, RollBackQuestion, RollBackVerdict, Stop};
use crate::words::{counted, printable_line};

impl Terminal {
    pub(super) fn roll_back(&self, question: &RollBackQuestion<'_>) -> Answer<RollBackVerdict> {
        let step = &question.subject.step;
        self.board.show_rollback(question.rollback);
        self.show_what_goes(question, false)?;
        let mut picked = Vec::new();
        for conflict in question.conflicts {
            let path = printable_line(conflict.change.path.as_str()).into_owned();
            self.board
                .show(self.paint.warn(&format!("  {path}: {}", conflict.why)));
            self.show_changes(std::slice::from_ref(&conflict.change), false)?;
            let asked = format!("{path}: put it back all the same?");
            let answers = ["keep it as it is", "put it back", "quit"];
            picked.push(match self.ask.choose(&asked, &answers)? {
                0 => false,
                1 => true,
                _ => return Err(Stop::Quit),
            });
        }
        let files = question.changes.len() + picked.iter().filter(|yes| **yes).count();
        let put_back = format!(
            "roll back: {} put back, {} unticked",
            counted(files, "file", "files"),
            counted(question.boxes, "box", "boxes")
        );
        let answers = [
            put_back.as_str(),
            "view it again",
            "leave everything as it is",
            "quit",
        ];
        loop {
            match self.ask.choose(&format!("roll back step {step}?"), &answers)? {
                0 => return Ok(RollBackVerdict::PutBack(picked)),
                1 => self.show_what_goes(question, true)?,
                2 => return Ok(RollBackVerdict::Leave),
                _ => return Err(Stop::Quit),
            }
        }
    }

    fn show_what_goes(&self, question: &RollBackQuestion<'_>, always: bool) -> Answer<()> {
        if !question.changes.is_empty() {
            self.show_changes(question.changes, always)?;
        }
        let kept = question.kept.iter().map(ToString::to_string);
        for stays in kept.chain(question.beyond.iter().map(ToString::to_string)) {
            self.board
                .show(self.paint.warn(&format!("  {}", printable_line(&stays))));
        }
        if !question.others.is_empty() {
            self.board
                .show("  also touched since the step began, not by it, and kept as they are:");
            for other in question.others {
                self.board.say(format!("  - {}", printable_line(other)));
            }
        }
        Ok(())
    }
}
