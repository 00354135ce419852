//! Questions about the plan, before and between the stages of a step.

use super::terminal::Terminal;
use crate::session::{Answer, EditedQuestion, Stop, Subject};
use crate::ui::recorded;
use crate::words::{printable, printable_line};

impl Terminal {
    pub(super) fn status(&self, status: &str) -> Answer<()> {
        let shown = if status.is_empty() {
            "missing".to_owned()
        } else {
            format!("\"{}\"", printable_line(status))
        };
        self.board.say(format!(
            "the plan's status is {shown}; a plan is run when it is Approved or In Progress"
        ));
        match self.ask.choose("run it all the same?", &["run it", "quit"])? {
            0 => Ok(()),
            _ => Err(Stop::Quit),
        }
    }

    pub(super) fn elsewhere(&self, host: &str) -> Answer<()> {
        recorded::elsewhere(&self.board, &self.ask, "plan", host)
    }

    pub(super) fn vouch(&self, subject: &Subject, external: &[String]) -> Answer<()> {
        self.board.say(format!(
            "  step {} depends on what stepgate cannot see:",
            subject.step
        ));
        for text in external {
            self.board.say(format!("  - {}", printable_line(text)));
        }
        match self
            .ask
            .choose("is all of this in place?", &["yes, it is", "no: quit"])?
        {
            0 => Ok(()),
            _ => Err(Stop::Quit),
        }
    }

    pub(super) fn edited(&self, question: &EditedQuestion<'_>) -> Answer<()> {
        self.board.say(format!(
            "  step {} was edited in the plan since it was begun:",
            question.subject.step
        ));
        self.show_lines(question.diff);
        match self
            .ask
            .choose("go on with the step as it is now?", &["go on", "quit"])?
        {
            0 => Ok(()),
            _ => Err(Stop::Quit),
        }
    }

    /// A difference as it is.
    pub(super) fn show_lines(&self, diff: &str) {
        for line in diff.lines() {
            let safe = printable(line);
            self.board.show(match line.as_bytes().first() {
                Some(b'+') => self.paint.good(&safe).to_string(),
                Some(b'-') => self.paint.bad(&safe).to_string(),
                _ => safe.into_owned(),
            });
        }
    }
}
