use serde::{Deserialize, Serialize};

use super::super::{Change, RelativePath};

/// What is other between two moments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Files and links that came, went or became others, by path. All of them can be put back.
    pub changes: Vec<Change>,
    /// Folders that came, outermost first.
    pub folders: Vec<RelativePath>,
    /// What is other too, and can neither be shown nor put back.
    pub beyond: Vec<Beyond>,
}

/// Something that is other and cannot be put back. Goes on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beyond {
    /// Its path, safe to show.
    pub path: String,
    /// Why it cannot be put back.
    pub why: String,
}

impl std::fmt::Display for Beyond {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` stays as it is: {}", self.path, self.why)
    }
}

impl Difference {
    /// These changes of it, by index, with the folders that go where they go.
    ///
    /// Where a file became a folder or the other way round, what stands there now goes with the file that is put back.
    pub fn some(&self, chosen: &[usize]) -> Self {
        let returns = |change: &&Change| change.before.is_some() && change.after.is_none();
        let picked = || chosen.iter().filter_map(|index| self.changes.get(*index));
        let goes_with = |change: &Change| {
            change.after.is_some()
                && picked()
                    .filter(returns)
                    .any(|other| other.path.is_beneath(&change.path) || change.path.is_beneath(&other.path))
        };
        let changes = self.changes.iter().enumerate();
        let changes: Vec<Change> = changes
            .filter(|(index, change)| chosen.contains(index) || goes_with(change))
            .map(|(_, change)| change.clone())
            .collect();
        let touched = |folder: &&RelativePath| {
            changes.iter().any(|change| {
                change.path == **folder || change.path.is_beneath(folder) || folder.is_beneath(&change.path)
            })
        };
        Self {
            folders: self.folders.iter().filter(touched).cloned().collect(),
            changes,
            beyond: Vec::new(),
        }
    }
}
