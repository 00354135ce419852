use super::subject::Subject;
use crate::words::{Exit, Failure, counted, printable_line};

/// A stored reply answers a prompt that would be another one now: what becomes of it?
#[derive(Debug)]
pub struct StaleQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// When its prompt was sent, or made, in words.
    pub when: &'a str,
    /// What would be other in it, as a unified difference.
    pub diff: &'a str,
}

/// What becomes of such a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaleVerdict {
    /// It is used as it is.
    Use,
    /// The model is asked again.
    AskAgain,
}

impl StaleQuestion<'_> {
    /// Why a session ends that has nobody to ask.
    pub(crate) fn refused(&self) -> Failure {
        let step = &self.subject.step;
        let text = format!(
            "what the prompt of step {step} showed is no longer so: it was {}, and would be another one now",
            self.when
        );
        let changed: Vec<&str> = self.diff.lines().filter(|line| is_change(line)).collect();
        // What came says more than what went.
        let says = |sign: char| {
            let mut lines = changed.iter();
            lines.find(|line| {
                line.strip_prefix(sign)
                    .is_some_and(|text| !text.trim().is_empty())
            })
        };
        let first = says('+').or_else(|| says('-')).or(changed.first());
        let first = first.map(|line| printable_line(line));
        let found = match (first, changed.len()) {
            (Some(first), 1) => first.into_owned(),
            (Some(first), lines) => format!("{first}, and {} more", counted(lines - 1, "line", "lines")),
            (None, _) => printable_line(self.diff.trim_end()).into_owned(),
        };
        Failure::new(Exit::Changed, "stale-reply", text)
            .found(found)
            .help("nothing was written, and the reply is kept")
            .help("run at a terminal to see the difference, and to use the reply or have the model asked again")
            .help("or say it beforehand: `--stale-reply use` uses it, `--stale-reply again` asks the model again")
    }
}

fn is_change(line: &str) -> bool {
    line.starts_with(['+', '-'])
}
