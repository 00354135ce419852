use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use super::create::Create;
use crate::mock::server::batch::lines::{Work, discard};

/// Seconds until a batch expires.
const WINDOW: i64 = 24 * 60 * 60;

/// A batch.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) id: String,
    pub(super) endpoint: String,
    pub(super) status: Status,
    pub(super) times: Times,
    /// What is wrong with its input.
    pub(super) errors: Vec<LineError>,
    /// The one model of all requests, once it is known.
    pub(super) model: Option<String>,
    pub(super) work: Work,
    /// How often it was looked at since it is in progress.
    pub(super) looks: u32,
    pub(super) succeeded: usize,
    pub(super) failed: usize,
    /// Requests that were left out because they expire.
    pub(super) expired: usize,
    pub(super) usage: Usage,
    pub(super) output_file_id: Option<String>,
    pub(super) error_file_id: Option<String>,
    /// Seconds that its results live.
    pub(super) output_expires_after: Option<i64>,
    input_file_id: String,
    metadata: Value,
    created_at: i64,
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Validating,
    Failed,
    InProgress,
    Finalizing,
    Completed,
    Expired,
    Cancelling,
    Cancelled,
}

/// When a batch came to a status, in seconds since 1970.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) in_progress: Option<i64>,
    pub(super) finalizing: Option<i64>,
    pub(super) completed: Option<i64>,
    pub(super) failed: Option<i64>,
    pub(super) expired: Option<i64>,
    pub(super) cancelling: Option<i64>,
    pub(super) cancelled: Option<i64>,
}

/// What is wrong with a line of an input file, or with all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct LineError {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) param: Option<String>,
    /// From 1.
    pub(super) line: Option<usize>,
}

/// Tokens of all answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Usage {
    pub(super) input: u64,
    pub(super) cached: u64,
    pub(super) output: u64,
    pub(super) reasoning: u64,
}

impl Status {
    /// OpenAI's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Validating => "validating",
            Self::Failed => "failed",
            Self::InProgress => "in_progress",
            Self::Finalizing => "finalizing",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing comes after it.
    pub(super) fn ended(self) -> bool {
        matches!(
            self,
            Self::Failed | Self::Completed | Self::Expired | Self::Cancelled
        )
    }
}

impl Batch {
    /// A batch that nobody has looked at yet.
    pub(super) fn new(id: String, create: Create, created_at: i64, folder: &Path) -> Self {
        let input = folder.join(format!("{id}.in"));
        Self {
            id,
            endpoint: create.endpoint,
            status: Status::Validating,
            times: Times::default(),
            errors: Vec::new(),
            model: None,
            work: Work::new(input, 0),
            looks: 0,
            succeeded: 0,
            failed: 0,
            expired: 0,
            usage: Usage::default(),
            output_file_id: None,
            error_file_id: None,
            output_expires_after: create.output_expires_after,
            input_file_id: create.input_file_id,
            metadata: create.metadata,
            created_at,
        }
    }

    /// Where the answers are written until the batch ends.
    pub(super) fn output(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.out", self.id))
    }

    /// Where the failures are written until the batch ends.
    pub(super) fn failures(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.err", self.id))
    }

    /// Removes what it has on disk beside its result files.
    pub(super) fn discard(&self, folder: &Path) {
        discard(&self.work.input);
        discard(&self.output(folder));
        discard(&self.failures(folder));
    }

    /// The batch as OpenAI shows it.
    pub(super) fn to_json(&self) -> Value {
        let errors = (!self.errors.is_empty()).then(|| json!({"object": "list", "data": self.errors}));
        let usage = self.usage;
        json!({
            "id": self.id,
            "object": "batch",
            "endpoint": self.endpoint,
            "model": self.model,
            "errors": errors,
            "input_file_id": self.input_file_id,
            "completion_window": "24h",
            "status": self.status.word(),
            "output_file_id": self.output_file_id,
            "error_file_id": self.error_file_id,
            "created_at": self.created_at,
            "in_progress_at": self.times.in_progress,
            "expires_at": self.created_at + WINDOW,
            "finalizing_at": self.times.finalizing,
            "completed_at": self.times.completed,
            "failed_at": self.times.failed,
            "expired_at": self.times.expired,
            "cancelling_at": self.times.cancelling,
            "cancelled_at": self.times.cancelled,
            "request_counts": {"total": self.work.total, "completed": self.succeeded, "failed": self.failed},
            "usage": {
                "input_tokens": usage.input,
                "input_tokens_details": {"cached_tokens": usage.cached},
                "output_tokens": usage.output,
                "output_tokens_details": {"reasoning_tokens": usage.reasoning},
                "total_tokens": usage.input + usage.output,
            },
            "metadata": self.metadata,
        })
    }
}
