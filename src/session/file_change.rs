use serde::Serialize;

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileChange {
    /// It was not there.
    New,
    /// It has other bytes.
    Changed,
    /// It is gone.
    Deleted,
    /// It has another path.
    Renamed,
}
