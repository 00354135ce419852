use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Captured, Status};

/// What came of one top-level command of the block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandResult {
    /// Its lines in the block, from 1.
    pub lines: RangeInclusive<usize>,
    /// Its text as written.
    pub text: String,
    /// Its exit status; `None` when it did not run, did not end, or the shell did not tell.
    pub status: Option<i32>,
    /// How long it took, by the wall clock; zero where it could not be told.
    pub took: Duration,
    /// Whether it was started.
    pub ran: bool,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How the shell ended.
    pub status: Status,
    /// Each chosen command, in order.
    pub commands: Vec<CommandResult>,
    /// Standard output and standard error, merged in order.
    pub output: Captured,
    /// How long all of it took, without the time that stepgate was stopped.
    pub took: Duration,
    /// Whether processes were still there when the shell had ended; they were killed.
    pub left_processes: bool,
}

impl Outcome {
    /// Tells whether the check passed: the shell exited with 0.
    pub fn passed(&self) -> bool {
        self.status.passed()
    }
}
