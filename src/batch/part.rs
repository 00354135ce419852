use crate::state::Landed;

/// A file of requests, which becomes a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The file, in the export.
    pub file: String,
    /// How many requests it has.
    pub requests: usize,
    /// How far it is.
    pub stage: PartStage,
    /// The engine's id of the file, where it was uploaded.
    pub input: Option<String>,
    /// The engine's id of the batch, where one is known.
    pub batch: Option<String>,
    /// What becomes of what the engine keeps of it.
    pub kept: Kept,
}

/// What becomes of the files that an engine keeps, when nobody needs them any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Kept {
    /// Nobody asked for them to be deleted.
    #[default]
    Still,
    /// They were about to be deleted, these.
    Going(Vec<String>),
    /// They are deleted.
    Deleted,
}

impl Part {
    /// Whether the engine may keep something of it that nobody needs any more: its results are home, or it was given up.
    pub fn is_litter(&self) -> bool {
        let some = self.input.is_some() || self.batch.is_some();
        self.stage.is_over() && some && self.kept != Kept::Deleted
    }
}

/// How far a file of requests is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartStage {
    /// Nothing was sent.
    Waiting,
    /// It was uploaded, under this id. No batch was made of it.
    Uploaded(String),
    /// A batch was asked for, and nothing is known of the answer; the id of the file, where it was uploaded, and when.
    Asked {
        /// The id of the uploaded file.
        input: Option<String>,
        /// When the batch was asked for, in seconds since 1970.
        at: i64,
    },
    /// It is a batch, with this id.
    Made(String),
    /// It is no batch, or is given up on, for this reason: its steps are to be freed.
    Void(String),
    /// It is no batch, and its steps are free.
    Freed,
    /// The results are home.
    Home(Landed),
}

/// Seconds within which a batch may still come that was asked for: servers, and what stands before them, work on a request
/// that nobody waits for any more.
const LATE: i64 = 15 * 60;

impl PartStage {
    /// Whether a batch was asked for so shortly ago that the engine may still make it.
    pub fn is_fresh(&self) -> bool {
        match self {
            Self::Asked { at, .. } => jiff::Timestamp::now().as_second() < at.saturating_add(LATE),
            _ => false,
        }
    }

    /// Whether nothing is left to be done.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Freed | Self::Home(_))
    }
}
