use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::tree::Snapshot;
use crate::words::Digest;

/// An agent that is about to be run, and how everything was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Delegation {
    /// The name that the user gave it.
    pub endpoint: String,
    /// The program and its arguments, as they were shown.
    pub command: Vec<String>,
    /// The file that is run.
    pub program: String,
    /// The plan, kept as a blob.
    pub plan: Digest,
    /// What git keeps beside the files of the tree, by digests.
    pub git: BTreeMap<String, String>,
    /// The tree.
    pub snapshot: Snapshot,
}

/// What came of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AgentRecord {
    /// Its exit code; `None` where it was ended.
    pub exit: Option<i32>,
    /// In words: `ended with exit code 0`, `timed out after 30 min`.
    pub outcome: String,
    /// Whether a signal to stepgate ended it: it neither succeeded nor failed.
    pub interrupted: bool,
    /// What it printed, head and tail.
    pub output: Option<Digest>,
    /// Milliseconds.
    pub took: u64,
    /// Files of the tree that it changed, in words.
    pub changed: Vec<String>,
    /// How it changed them, as a unified diff.
    pub diff: Option<Digest>,
    /// The plan as it was found after, where it was changed meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Digest>,
}

impl AgentRecord {
    /// Whether it says that it did its work. What it did is seen from the tree.
    pub fn succeeded(&self) -> bool {
        self.exit == Some(0)
    }
}
