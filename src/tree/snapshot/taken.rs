use serde::{Deserialize, Serialize};

use crate::words::Digest;

/// What the tree held at one moment. Goes on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Snapshot {
    /// What it was called when it was taken: a part of its ref, such as `1.2/3`.
    pub name: String,
    /// The list of everything that was there, kept as a blob.
    pub list: Digest,
    /// The commit that holds the contents, where the root is in a git repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The contents that git does not hold, in one blob; the list says where in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<Digest>,
    /// Why there is no commit, or what the snapshot does not hold: words for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
}

/// How much of what git does not hold is kept with a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Nothing: whatever is going to be changed is known beforehand, and has pre-images of its own.
    Listed,
    /// Ignored files, and all files where there is no git, up to a limit: somebody else is about to work in the tree.
    Contents,
}
