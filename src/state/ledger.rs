#![expect(
    missing_docs,
    reason = "the variants say what is recorded; the names of their fields say the rest"
)]

use serde::{Deserialize, Serialize};

use super::journal::{Line, Log};
use crate::llm::Usage;
use crate::words::Digest;

/// The record of one submission to a batch engine.
pub type Ledger = Log<BatchRecord>;

/// What the ledger of a submission records. A file of requests becomes a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum BatchRecord {
    /// A person agreed that these requests are submitted. The manifest beside says which step of which plan each one is.
    Intent {
        mark: String,
        endpoint: String,
        /// The base URL, without a query.
        url: String,
        model: String,
        manifest: Digest,
        by: String,
    },
    /// The journals of all plans say which of their steps are out.
    Claimed,
    /// A file was uploaded to the engine; its id there. No batch is made of it yet.
    Uploaded { file: String, id: String },
    /// A batch is about to be made of a file.
    Create { file: String },
    /// It was made; its id.
    Created { file: String, id: String },
    /// No batch was made of a file, for this reason: its steps are to be freed.
    NotMade { file: String, why: String },
    /// A person gives up on it: its steps are to be freed.
    LetGo { file: String, by: String },
    /// The steps of a file that has no batch are free.
    Freed { file: String },
    /// A plan, by its id, was moved; where it stands now, absolute and from the root of its repository.
    Moved {
        plan: String,
        real: String,
        path: String,
    },
    /// The results are in the journals of the plans.
    Home { file: String, landed: Landed },
    /// What the engine keeps of a file is about to be deleted there: files, or the batch where that holds everything.
    Delete {
        file: String,
        ids: Vec<String>,
        by: String,
    },
    /// The engine keeps none of it any more.
    Deleted { file: String },
}

impl BatchRecord {
    /// How the reason begins why a step has no reply, where no model was asked.
    pub const NOT_SENT: &str = "not sent to a model: ";

    /// What an export is known by whose requests an engine of one's own answers, by the digest of its manifest.
    pub fn export_mark(manifest: &Digest) -> String {
        format!("export-{}", manifest.short())
    }

    /// Whether a mark is that of an export.
    pub fn is_export(mark: &str) -> bool {
        mark.starts_with("export-")
    }
}

/// What came of the requests of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Landed {
    /// Replies that can be used.
    pub replies: usize,
    /// Replies that cannot: cut, refused, empty.
    pub unusable: usize,
    /// Requests that the server refused, or that have no result.
    pub failed: usize,
    /// Requests that the engine had no time for.
    pub expired: usize,
    /// Requests that were cancelled.
    pub cancelled: usize,
    /// Requests whose result was on record already, by a fetch that was cut off.
    pub earlier: usize,
    /// Results that no step waits for any more.
    pub unasked: usize,
    /// Tokens of all replies that are on record, those that cannot be used included.
    #[serde(default)]
    pub usage: Usage,
}

impl Line for BatchRecord {
    const FILE: &'static str = "ledger";
    const MEND: &'static str =
        "the plans are whole, and other batches go on; look at this one in the provider's own console";
}
