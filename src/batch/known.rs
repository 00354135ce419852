use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::state::{BatchRecord, Ledger};

/// Batches that are known to be something else than one that was lost.
#[derive(Debug, Default)]
pub struct Known {
    /// Base URLs and ids of all batches that this state folder has on record, whatever became of them.
    made: BTreeSet<(String, String)>,
    /// The id of one request of a batch whose results were looked at. They never change.
    looked_at: BTreeMap<(String, String), String>,
}

impl Known {
    /// Reads the ledgers of submissions, each in its folder: of those that are over, too, and of those that another command
    /// is at work on.
    pub(super) fn read(folders: &[PathBuf]) -> Self {
        let mut known = Self::default();
        for folder in folders {
            // One that cannot be read is told of where it is worked with.
            let entries = Ledger::read(folder).unwrap_or_default();
            let Some(BatchRecord::Intent { url, .. }) = entries.first().map(|entry| entry.record.clone())
            else {
                continue;
            };
            for entry in entries {
                if let BatchRecord::Created { id, .. } = entry.record {
                    known.made.insert((url.clone(), id));
                }
            }
        }
        known
    }

    /// Takes in what is on record by now; what was looked at is not looked at again.
    pub fn refresh(&mut self, now: Self) {
        self.made.extend(now.made);
    }

    /// Whether a batch of an engine, by its base URL, is on record.
    pub(super) fn has(&self, url: &str, id: &str) -> bool {
        self.made.contains(&key(url, id))
    }

    /// Remembers that a batch is on record.
    pub(super) fn add(&mut self, url: &str, id: &str) {
        self.made.insert(key(url, id));
    }

    /// The id of one request of a batch, if its results were looked at.
    pub(super) fn request_of(&self, url: &str, id: &str) -> Option<&str> {
        self.looked_at.get(&key(url, id)).map(String::as_str)
    }

    /// Remembers the id of one request of a batch.
    pub(super) fn looked_at(&mut self, url: &str, id: &str, request: &str) {
        self.looked_at.insert(key(url, id), request.to_owned());
    }
}

fn key(url: &str, id: &str) -> (String, String) {
    (url.to_owned(), id.to_owned())
}
