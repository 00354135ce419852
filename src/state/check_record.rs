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
    /// What its shell went past, and ended with 0 all the same, in words: then only a person can say that it passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
    /// Result and time of each command.
    pub commands: Vec<CommandRecord>,
    /// Output, head and tail.
    pub output: Option<Digest>,
    /// Milliseconds.
    pub took: u64,
}

/// Doubts that are named one by one.
const NAMED: usize = 3;

impl CheckRecord {
    /// What speaks against its having passed, in words; `None` where nothing does.
    pub fn but(&self) -> Option<String> {
        let (last, before) = match self.doubts.as_slice() {
            [] => return None,
            [before @ .., last] if before.len() < NAMED => (last.clone(), before),
            all => (format!("{} more", all.len() - NAMED), &all[..NAMED]),
        };
        if before.is_empty() {
            return Some(last);
        }
        Some(format!("{} and {last}", before.join(", ")))
    }

    /// Whether it passed, and nothing of it speaks against that.
    pub fn is_certain(&self) -> bool {
        self.passed && self.doubts.is_empty()
    }
}

impl CommandRecord {
    /// How it ended, in words.
    pub fn ended(&self) -> String {
        match (self.status, self.ran) {
            (Some(status), _) => format!("exit {status}"),
            (None, Some(false)) => "was not run".to_owned(),
            (None, Some(true)) => "did not end".to_owned(),
            (None, None) => "did not end, or was not run".to_owned(),
        }
    }

    /// How long it took, in words; `None` where that says nothing.
    pub fn took(&self) -> Option<String> {
        let told = self.status.is_some() || self.ran == Some(true);
        told.then(|| format!("{} ms", self.took))
    }
}

fn is_first(block: &usize) -> bool {
    *block == 0
}

/// One command of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CommandRecord {
    /// The block of the check that it is of, from 0; older records have 0 for all.
    #[serde(default, skip_serializing_if = "is_first")]
    pub block: usize,
    /// Its first line in the block, from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// Its exit status; `None` for one that did not run or did not end.
    pub status: Option<i32>,
    /// Whether it was started; `None` in older records, which do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<bool>,
    /// Milliseconds.
    pub took: u64,
}
