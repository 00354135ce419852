use serde::{Deserialize, Serialize};

use crate::tree::RelativePath;

/// Files of a reply that a person did not let through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Declined {
    /// Which: for one that was to be renamed, its new path.
    pub files: Vec<RelativePath>,
    /// Why, in the person's words.
    pub reason: Option<String>,
}

impl Declined {
    /// Whether everything was let through.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}
