use serde::{Deserialize, Serialize};

use crate::words::Digest;

/// How a check was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// stepgate ran all of it.
    All,
    /// stepgate ran these lines of it (from 1).
    Chosen(Vec<usize>),
    /// It ran in the person's terminal: the output is not kept.
    OwnTerminal,
    /// The person says that they verified.
    ByHand,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckRecord {
    /// The exact text that was shown and run; `None` where there was nothing to run.
    pub script: Option<Digest>,
    /// How it was made.
    pub how: How,
    /// Whether it passed.
    pub passed: bool,
    /// In words: `passed`, `exit 1 at line 3`, `timed out after 10 min`.
    pub outcome: String,
    /// Result and time of each command.
    pub commands: Vec<CommandRecord>,
    /// Output, head and tail.
    pub output: Option<Digest>,
    /// Milliseconds.
    pub took: u64,
}

/// One command of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CommandRecord {
    /// Its first line in the block, from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// Its exit status; `None` for one that did not run or did not end.
    pub status: Option<i32>,
    /// Milliseconds.
    pub took: u64,
}
