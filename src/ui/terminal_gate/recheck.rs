//! Finished steps, once more: may their checks run, and what becomes of those that no longer hold?

use super::terminal::Terminal;
use crate::session::{Answer, Broken, BrokenQuestion, BrokenVerdict, RecheckQuestion, Stop};
use crate::words::printable_line;

impl Terminal {
    pub(super) fn recheck(&self, question: &RecheckQuestion<'_>) -> Answer<()> {
        for finished in question.steps {
            let title = printable_line(&finished.title);
            self.board.say(format!("  step {} {title}", finished.step));
            self.board.show_blocks(&finished.blocks, question.folder);
        }
        let asked = match (question.steps.len(), question.before) {
            (1, None) => "run this check again?".to_owned(),
            (n, None) => format!("run these {n} checks again?"),
            (1, Some(before)) => format!("before step {before}: run this check again?"),
            (n, Some(before)) => format!("before step {before}: run these {n} checks again?"),
        };
        match self.ask.choose(&asked, &["run all of it", "quit"])? {
            0 => Ok(()),
            _ => Err(Stop::Quit),
        }
    }

    pub(super) fn broken(&self, question: &BrokenQuestion<'_>) -> Answer<BrokenVerdict> {
        for broken in question.broken {
            let what = if broken.is_in_doubt() {
                "is in doubt"
            } else {
                "no longer holds"
            };
            let text = format!("  step {} {what}: {}", broken.step, broken.check.outcome);
            let text = printable_line(&text);
            self.board.show(if broken.is_in_doubt() {
                self.paint.warn(&text)
            } else {
                self.paint.bad(&text)
            });
        }
        let them = if question.broken.len() == 1 { "it" } else { "them" };
        let (asked, answers) = match question.before {
            Some(before) => (
                format!("step {before} stands on {}; what now?", what_of(question.broken)),
                [
                    "go on all the same, on record".to_owned(),
                    format!("untick {them}: done anew before step {before}"),
                    "quit".to_owned(),
                ],
            ),
            None => (
                format!("untick {them}?"),
                [
                    format!("no: leave {them} ticked"),
                    format!("untick {them}, on record"),
                    "quit".to_owned(),
                ],
            ),
        };
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        match self.ask.choose(&asked, &answers)? {
            0 => Ok(BrokenVerdict::Leave),
            1 => Ok(BrokenVerdict::Untick),
            _ => Err(Stop::Quit),
        }
    }
}

/// What is wrong with all of them.
fn what_of(broken: &[Broken]) -> &'static str {
    if broken.iter().all(Broken::is_in_doubt) {
        "what is in doubt"
    } else if broken.iter().any(Broken::is_in_doubt) {
        "what no longer holds or is in doubt"
    } else {
        "what no longer holds"
    }
}
