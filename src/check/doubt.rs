use std::fmt::{Display, Formatter};

use super::block::Block;
use super::flow::{Fate, fate, turns_off};
use super::line::parts;
use super::marks::is_marked;
use super::question::{is_only_failure, reads_status};
use super::trap::{overwrites, traps};
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
    /// It was run, and how it ended cannot be told from how the shell did.
    Unknown,
}

impl Display for Why {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(status) => write!(f, "exited with {status}"),
            Self::NotRun => f.write_str("was not run"),
            Self::Unknown => f.write_str("ended with a status that is not known"),
        }
    }
}

impl Outcome {
    /// Why it is not certain that the check passed, where its shell ended with 0; none where all of its commands did, or
    /// where the check says itself what follows from a status.
    pub fn doubts(&self) -> Vec<Doubt> {
        // Without a mark of any command nothing is known of them one by one.
        let last = self.commands.iter().rposition(|command| command.ran);
        let Some(last) = last.filter(|_| self.status.passed()) else {
            return Vec::new();
        };
        let texts: Vec<&str> = self
            .commands
            .iter()
            .map(|command| command.text.as_str())
            .collect();
        let text = texts.join("\n");
        let whole = Script {
            language: "",
            text: &text,
        };
        let block = Block::of(whole.lines().map(|(_, line)| line));
        // A trap of the check's own is in the place of the one that leaves the marks.
        let all_marked = !self
            .commands
            .iter()
            .any(|command| traps(&command.text, &["DEBUG"]).is_some());
        let keeps_on = self
            .commands
            .iter()
            .any(|command| parts(&command.text).iter().any(turns_off));
        let overwritten = overwrites(&texts[..=last], &block);
        let doubt = |(index, command): (usize, &CommandResult)| {
            let next = self.commands.get(index + 1);
            let read = || next.is_some_and(|next| reads_status(&next.text, &block));
            let fate = || fate(script(command).lines(), &block);
            let why = match command.status {
                _ if index == last && overwritten => Why::Unknown,
                Some(status) if status != 0 && !read() && fate() != Fate::Meant => Why::Failed(status),
                None if !command.ran && all_marked && is_marked(&command.text) => Why::NotRun,
                None if command.ran && index != last && !read() => match fate() {
                    Fate::GoesOn(_) => Why::Unknown,
                    Fate::Ends if keeps_on => Why::Unknown,
                    _ => return None,
                },
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
            doubts.truncate(first + usize::from(!self.only_failure_is_left(last)));
        }
        doubts
    }

    /// Whether the check ended where it was to, before the words of its failure.
    fn only_failure_is_left(&self, last: usize) -> bool {
        let left = self.commands[last + 1..]
            .iter()
            .map(|command| command.text.as_str());
        let left: Vec<&str> = left.collect();
        // `A || exit 0` leaves because something failed.
        !self.commands[last].text.contains("||") && is_only_failure(&left.join("\n"))
    }
}

fn script(command: &CommandResult) -> Script<'_> {
    Script {
        language: "",
        text: &command.text,
    }
}

#[cfg(test)]
#[path = "doubt_tests.rs"]
mod tests;
