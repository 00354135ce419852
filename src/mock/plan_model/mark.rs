use crate::plan::one_line;
use crate::words::printable_line;

/// Longer goals are cut in what is written to files.
const GOAL_LIMIT: usize = 160;

/// What the model writes to a file to show that a step was there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark<'a> {
    /// The proposal's id.
    pub(super) plan: &'a str,
    /// The step's id.
    pub(super) step: &'a str,
    /// The step's title.
    pub(super) title: &'a str,
    /// What the step is for.
    pub(super) goal: &'a str,
}

impl Mark<'_> {
    /// Proposal, step and goal on one line.
    pub(super) fn words(&self) -> String {
        let goal = self.short_goal();
        let colon = if goal.is_empty() { "" } else { ": " };
        format!("{}, step {}{colon}{goal}", self.plan, self.step)
    }

    /// The goal on one line that is not overlong.
    pub(super) fn short_goal(&self) -> String {
        let goal = plain(self.goal);
        match goal.char_indices().nth(GOAL_LIMIT) {
            Some((at, _)) => format!("{}...", goal[..at].trim_end()),
            None => goal,
        }
    }

    /// The step's id as a part of a name in a program.
    pub(super) fn ident(&self) -> String {
        format!("step_{}", self.step.replace('.', "_"))
    }
}

/// Words on one line that no reader of a file takes for anything but words: no control characters, no line ends in any
/// script's sense, no backslash (which continues a line in C and begins an escape in Java).
pub(super) fn plain(text: &str) -> String {
    let unseen = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    let text = one_line(text).replace(unseen, " ").replace('\\', "/");
    let text = printable_line(&text).replace('\\', "/");
    text.trim().to_owned()
}
