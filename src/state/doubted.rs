use std::time::Duration;

use super::{CheckRecord, CommandRecord, How};
use crate::check::{Captured, CommandResult, Outcome, Status, Why};

/// A command that speaks against a check's having passed, although its shell ended with 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubted {
    /// Its first line in the block, from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// What became of it.
    pub why: Why,
}

impl CheckRecord {
    /// The commands that speak against its having passed, by what is on record of each; none where it did not pass.
    pub fn doubted(&self) -> Vec<Doubted> {
        if !self.passed {
            return Vec::new();
        }
        blocks(&self.commands).into_iter().flat_map(in_block).collect()
    }

    /// Whether it is of before doubts were known: nothing was told of them then, nor of which command was run.
    pub fn is_before_doubts(&self) -> bool {
        matches!(self.how, How::All | How::Chosen(_))
            && self.doubts.is_empty()
            && !self.commands.is_empty()
            && self.commands.iter().all(|command| command.ran.is_none())
    }

    /// The record with what its commands say, where it is of before doubts were known.
    #[must_use]
    pub(super) fn in_hindsight(mut self) -> Self {
        if !self.is_before_doubts() {
            return self;
        }
        // The line of the plan is not on record.
        let words = |doubted: &Doubted| format!("line {} of the check {}", doubted.line, doubted.why);
        self.doubts = self.doubted().iter().map(words).collect();
        if let Some(but) = self.but() {
            self.outcome = match self.outcome.split_once(" (") {
                Some((passed, more)) => format!("{passed}, but {but} ({more}"),
                None => format!("{}, but {but}", self.outcome),
            };
        }
        self
    }
}

/// The commands of each block. Older records do not name it, but lines begin anew with each.
fn blocks(commands: &[CommandRecord]) -> Vec<&[CommandRecord]> {
    commands
        .chunk_by(|one, next| one.block == next.block && one.line < next.line)
        .collect()
}

fn in_block(commands: &[CommandRecord]) -> Vec<Doubted> {
    // Of older records: what comes before a command that ended was run too.
    let ended = commands.iter().rposition(|command| command.status.is_some());
    let result = |(index, command): (usize, &CommandRecord)| CommandResult {
        lines: command.line..=command.line,
        text: command.text.clone(),
        status: command.status,
        took: Duration::from_millis(command.took),
        ran: command
            .ran
            .unwrap_or_else(|| ended.is_some_and(|ended| index <= ended)),
    };
    let outcome = Outcome {
        status: Status::Exited(0),
        commands: commands.iter().enumerate().map(result).collect(),
        output: Captured::default(),
        took: Duration::ZERO,
        left_processes: false,
    };
    let doubted = |line: usize, why: Why| {
        let command = commands.iter().find(|command| command.line == line)?;
        Some(Doubted {
            line,
            text: command.text.clone(),
            why,
        })
    };
    let doubts = outcome.doubts();
    doubts
        .iter()
        .filter_map(|doubt| doubted(doubt.line, doubt.why))
        .collect()
}
