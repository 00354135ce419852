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

/// Something that is other and cannot be put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// Its path, safe to show.
    pub path: String,
    /// Why it cannot be put back.
    pub why: &'static str,
}
