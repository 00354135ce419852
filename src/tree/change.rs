use serde::{Deserialize, Serialize};

use super::RelativePath;
use super::root::{SIZE_LIMIT, refused};
use crate::words::Failure;

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
    /// Its permission bits then, where it does not keep them or is new and shall not get the user's default.
    pub after_mode: Option<u32>,
    /// Whether it is a symbolic link, on either side; its bytes are then where it leads.
    pub link: Links,
    /// What it controls, when it is a [control-plane file](super::protected) by either of its paths.
    pub protection: Option<&'static str>,
    /// Whether the step declares that it touches this file, by both of its paths where it has two.
    pub declared: bool,
}

/// On which sides of a change a path is a symbolic link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// It is one now.
    pub before: bool,
    /// It shall be one.
    pub after: bool,
}

impl Links {
    /// Whether it is one on neither side, as with everything that a reply changes.
    pub fn none(&self) -> bool {
        !self.before && !self.after
    }
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
    /// It has another path, and perhaps other bytes.
    Renamed,
}

/// What a change does to one path: the unit of writing and of putting back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target<'a> {
    pub(super) path: &'a RelativePath,
    pub(super) before: Option<&'a [u8]>,
    pub(super) after: Option<&'a [u8]>,
    pub(super) mode: Option<u32>,
    pub(super) after_mode: Option<u32>,
    pub(super) link: Links,
}

impl Target<'_> {
    /// The permission bits of what is written; `None` for the user's default.
    pub(super) fn new_mode(&self) -> Option<u32> {
        // The bits of setuid and setgid are not handed on to bytes that a model wrote.
        self.after_mode.or_else(|| self.mode.map(|mode| mode & 0o777))
    }
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

    /// The same file with other bytes than the reply gave it; `None` where it would stay as it is. Fails with exit 8 when
    /// they are too many.
    pub fn amended(mut self, content: Vec<u8>) -> Result<Option<Self>, Failure> {
        if content.len() as u64 > SIZE_LIMIT {
            return Err(refused(
                self.path.as_str(),
                "its new content is over the limit of 16 MiB",
            ));
        }
        self.after = Some(content);
        Ok(Some(self).filter(|change| change.from.is_some() || change.before != change.after))
    }

    /// The text that the file shall have, where it shall be there and is text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.after.as_deref()?).ok()
    }

    /// The file in words: its path, or both of them.
    pub fn name(&self) -> String {
        match &self.from {
            Some(from) => format!("{from} → {}", self.path),
            None => self.path.to_string(),
        }
    }

    /// The change the other way round: what puts it back, whole.
    pub fn reversed(&self) -> Self {
        let (path, from) = match &self.from {
            Some(from) => (from.clone(), Some(self.path.clone())),
            None => (self.path.clone(), None),
        };
        Self {
            path,
            from,
            before: self.after.clone(),
            after: self.before.clone(),
            mode: self.after_mode.or(self.mode),
            after_mode: self.mode,
            link: Links {
                before: self.link.after,
                after: self.link.before,
            },
            protection: self.protection,
            declared: self.declared,
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
            after_mode: self.after_mode,
            link: Links {
                before: self.link.before && self.from.is_none(),
                after: self.link.after,
            },
        };
        let left = self.from.as_ref().map(|from| Target {
            path: from,
            before,
            after: None,
            mode: self.mode,
            after_mode: None,
            link: Links {
                before: self.link.before,
                after: false,
            },
        });
        std::iter::once(target).chain(left)
    }
}
