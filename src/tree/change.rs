use super::RelativePath;

/// A file that shall become other than it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which file: for one that is renamed, its new path.
    pub path: RelativePath,
    /// The path that it has now, where it is renamed.
    pub from: Option<RelativePath>,
    /// Its bytes now; `None` when it is not there.
    pub before: Option<Vec<u8>>,
    /// Its bytes then; `None` when it shall be gone.
    pub after: Option<Vec<u8>>,
    /// Its permission bits, which it keeps; `None` for a new file, which gets the user's default.
    pub mode: Option<u32>,
    /// What it controls, when it is a [control-plane file](super::protected) by either of its paths.
    pub protection: Option<&'static str>,
    /// Whether the step declares that it touches this file, by both of its paths where it has two.
    pub declared: bool,
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there.
    New,
    /// It has other bytes.
    Changed,
    /// It is gone.
    Deleted,
    /// It has another path and the same bytes.
    Renamed,
}

/// What a change does to one path: the unit of writing and of putting back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target<'a> {
    pub(super) path: &'a RelativePath,
    pub(super) before: Option<&'a [u8]>,
    pub(super) after: Option<&'a [u8]>,
    pub(super) mode: Option<u32>,
}

impl Change {
    /// What becomes of the file.
    pub fn kind(&self) -> ChangeKind {
        match (&self.from, &self.before, &self.after) {
            (Some(_), ..) => ChangeKind::Renamed,
            (None, _, None) => ChangeKind::Deleted,
            (None, None, Some(_)) => ChangeKind::New,
            (None, Some(_), Some(_)) => ChangeKind::Changed,
        }
    }

    /// The file in words: its path, or both of them.
    pub fn name(&self) -> String {
        match &self.from {
            Some(from) => format!("{from} → {}", self.path),
            None => self.path.to_string(),
        }
    }

    /// What is to be done at each path. A file that is renamed is at its new path before it leaves the old one.
    pub(super) fn targets(&self) -> impl Iterator<Item = Target<'_>> {
        let (before, after) = (self.before.as_deref(), self.after.as_deref());
        let target = Target {
            path: &self.path,
            before: if self.from.is_some() { None } else { before },
            after,
            mode: self.mode,
        };
        let left = self.from.as_ref().map(|from| Target {
            path: from,
            before,
            after: None,
            mode: self.mode,
        });
        std::iter::once(target).chain(left)
    }
}
