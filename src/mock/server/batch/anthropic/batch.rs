use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::mock::server::batch::lines::{Work, discard};

/// Seconds until a batch expires.
const WINDOW: i64 = 24 * 60 * 60;

/// A batch of messages.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) id: String,
    pub(super) status: Status,
    pub(super) work: Work,
    /// How often it was looked at.
    pub(super) looks: u32,
    pub(super) counts: Counts,
    pub(super) ended_at: Option<i64>,
    pub(super) cancel_initiated_at: Option<i64>,
    created_at: i64,
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    InProgress,
    Canceling,
    Ended,
}

/// What became of the requests so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) succeeded: usize,
    pub(super) errored: usize,
    pub(super) canceled: usize,
    pub(super) expired: usize,
}

impl Batch {
    /// A batch that nobody has looked at yet.
    pub(super) fn new(id: String, work: Work, created_at: i64) -> Self {
        Self {
            id,
            status: Status::InProgress,
            work,
            looks: 0,
            counts: Counts::default(),
            ended_at: None,
            cancel_initiated_at: None,
            created_at,
        }
    }

    /// Whether its results can be had.
    pub(super) fn ended(&self) -> bool {
        self.status == Status::Ended
    }

    /// Where its requests are until it ends.
    pub(super) fn input(id: &str, folder: &Path) -> PathBuf {
        folder.join(format!("{id}.in"))
    }

    /// Where its results are.
    pub(super) fn results(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.out", self.id))
    }

    /// Removes what it has on disk.
    pub(super) fn discard(&self, folder: &Path) {
        discard(&self.work.input);
        discard(&self.results(folder));
    }

    /// The batch as Anthropic shows it, by a server at `base`.
    pub(super) fn to_json(&self, base: &str) -> Value {
        let ended = self.ended();
        let results_url = ended.then(|| format!("{base}/v1/messages/batches/{}/results", self.id));
        let status = match self.status {
            Status::InProgress => "in_progress",
            Status::Canceling => "canceling",
            Status::Ended => "ended",
        };
        // Until the end, nothing is told of the requests that are done.
        let counts = if ended { self.counts } else { Counts::default() };
        json!({
            "id": self.id,
            "type": "message_batch",
            "processing_status": status,
            "request_counts": {
                "processing": if ended { 0 } else { self.work.total },
                "succeeded": counts.succeeded,
                "errored": counts.errored,
                "canceled": counts.canceled,
                "expired": counts.expired,
            },
            "ended_at": self.ended_at.map(time),
            "created_at": time(self.created_at),
            "expires_at": time(self.created_at + WINDOW),
            "archived_at": null,
            "cancel_initiated_at": self.cancel_initiated_at.map(time),
            "results_url": results_url,
        })
    }
}

/// RFC 3339.
fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().to_string()
}
