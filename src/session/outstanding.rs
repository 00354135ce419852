use std::path::PathBuf;

use crate::state::{Entry, Record};
use crate::words::Digest;

/// A request that is with a batch engine, by the record of its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outstanding {
    /// The step.
    pub step: String,
    /// Number of the attempt that it is, from 1.
    pub attempt: u32,
    /// What its batch is known by.
    pub mark: String,
    /// When it was agreed to, by the clock of the machine; `None` where its record does not tell any more.
    pub at: Option<String>,
    /// The digest of the step's own text, as it was then.
    pub text: Digest,
    /// The file that holds the prompt as long as the batch is not over.
    pub prompt: PathBuf,
    /// Where it went.
    pub endpoint: String,
    /// The model.
    pub model: Option<String>,
}

impl Outstanding {
    /// Whether the record of the plan knows of it, or of something that was agreed to since.
    pub(super) fn is_known(&self, entries: &[Entry]) -> bool {
        is_known(entries, &self.step, &self.mark, self.at.as_deref())
    }
}

/// Whether the record of a plan knows that a step is in the batch of this mark, agreed to `at` that time by the clock of the
/// machine, or knows of something that was agreed to since.
pub(crate) fn is_known(entries: &[Entry], step: &str, mark: &str, at: Option<&str>) -> bool {
    let since = |entry: &Entry| at.is_some_and(|at| entry.at.as_str() >= at);
    entries
        .iter()
        .filter(|entry| entry.record.step() == Some(step))
        .any(|entry| match &entry.record {
            Record::Send {
                batch: Some(batch), ..
            } => batch == mark || since(entry),
            Record::Send { .. } | Record::Unsent { .. } | Record::AgentBegun { .. } => since(entry),
            _ => false,
        })
}
