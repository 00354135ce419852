use std::fmt::{Display, Formatter};

use super::flow::{Fate, fate, reads_status};
use super::marks::is_marked;
use super::{CommandResult, Outcome, Script};

/// Why it is not certain that a check passed, although its shell ended with 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// The first line of the command in the block, from 1.
    pub line: usize,
    /// What became of it.
    pub why: Why,
}

/// What became of a command that a check went past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It ended with this status, and nothing in the check says that it may.
    Failed(i32),
    /// It was not run, and nothing after it.
    NotRun,
}

impl Display for Why {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(status) => write!(f, "exited with {status}"),
            Self::NotRun => f.write_str("was not run"),
        }
    }
}

impl Outcome {
    /// Why it is not certain that the check passed, where its shell ended with 0; none where all of its commands did, or
    /// where the check says itself what follows from a status.
    pub fn doubts(&self) -> Vec<Doubt> {
        // Without a mark of any command nothing is known of them one by one.
        if !self.status.passed() || !self.commands.iter().any(|command| command.ran) {
            return Vec::new();
        }
        // A trap of the check's own is in the place of the one that leaves the marks.
        let all_marked = self
            .commands
            .iter()
            .all(|command| !command.text.contains("DEBUG"));
        let doubt = |(index, command): (usize, &CommandResult)| {
            let next = self.commands.get(index + 1);
            let why = match command.status {
                Some(status) if status != 0 && !is_meant(command, next) => Why::Failed(status),
                None if !command.ran && all_marked && is_marked(&command.text) => Why::NotRun,
                _ => return None,
            };
            Some(Doubt {
                line: *command.lines.start(),
                why,
            })
        };
        let mut doubts: Vec<Doubt> = self.commands.iter().enumerate().filter_map(doubt).collect();
        // What follows a command that was not run was not run either.
        if let Some(first) = doubts.iter().position(|doubt| doubt.why == Why::NotRun) {
            doubts.truncate(first + 1);
        }
        doubts
    }
}

/// Whether a status other than 0 is no failure by what the check says: it only decides what is done, or is looked at.
fn is_meant(command: &CommandResult, next: Option<&CommandResult>) -> bool {
    let script = Script {
        language: "",
        text: &command.text,
    };
    next.is_some_and(|next| reads_status(&next.text)) || fate(script.lines()) == Fate::Meant
}

#[cfg(test)]
#[path = "doubt_tests.rs"]
mod tests;
