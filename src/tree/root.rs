use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::path::folded;
use super::unreached::{Refusal, Unreached};
use super::{PathProblem, RelativePath, disk};
use crate::words::{Exit, Failure};

/// Nanoseconds of a second.
const NANOS: i128 = 1_000_000_000;

/// A file past this size is neither shown nor changed.
pub(super) const SIZE_LIMIT: u64 = 16 << 20;

/// The root of the repository: the one folder beneath which files are read and written.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    pub(super) handle: OwnedFd,
    /// Paths from the root of what is ours, folded: the plan, its documents, the state.
    own: Vec<String>,
    /// The same as they were given: a hard link to the plan is the plan. Looked at afresh for each pass, for a file
    /// that was replaced gives its inode away.
    pub(super) own_paths: Vec<PathBuf>,
}

impl Root {
    /// Opens a folder as the root. `own` are files and folders that no reply may change (the plan, its documents, the
    /// state folder), as paths that the process can follow; those outside of the root and those not there do no harm.
    pub fn open(path: &Path, own: &[PathBuf]) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::io("open the folder", path, &error);
        let canonical = fs::canonicalize(path).map_err(failed)?;
        let handle = disk::open_root(&canonical).map_err(|error| failed(error.into()))?;
        let mut root = Self {
            path: canonical,
            handle,
            own: Vec::new(),
            own_paths: own.to_vec(),
        };
        for path in own {
            root.add_own(path);
        }
        Ok(root)
    }

    fn add_own(&mut self, path: &Path) {
        // Both as named and as it is in truth: one may be a link to the other.
        let truth = fs::canonicalize(path).ok();
        let absolute = std::path::absolute(path).ok();
        for path in [truth.as_deref(), absolute.as_deref()].into_iter().flatten() {
            if let Ok(inside) = path.strip_prefix(&self.path) {
                self.own.push(folded(&inside.to_string_lossy()));
            }
        }
    }

    /// The root as an absolute path without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is called on record: its path.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Whether a path is, by its text, one of our own: the plan, its documents, the state.
    pub fn owns(&self, path: &RelativePath) -> bool {
        let name = path.folded();
        self.own.iter().any(|own| {
            let rest = name.strip_prefix(own.as_str());
            own.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// What is at a path: a file's bytes and mode, or where a link leads; `None` where there is nothing.
    ///
    /// Refuses a folder, a device and a file past the limit.
    pub(super) fn held(&self, path: &RelativePath) -> Result<Option<disk::Held>, Unreached> {
        let Some(folder) = self.folder_of(path)? else {
            return Ok(None);
        };
        disk::held(&folder, path.name(), SIZE_LIMIT).map_err(|problem| self.unreadable(path, &problem))
    }

    /// What is at the end of a path: `None` when it, or a folder above it, is not there.
    pub(super) fn stat(&self, path: &RelativePath) -> Result<Option<rustix::fs::Stat>, Unreached> {
        match self.folder_of(path)? {
            Some(folder) => {
                disk::stat(&folder, path.name()).map_err(|error| self.failed("look at", path, error).into())
            }
            None => Ok(None),
        }
    }

    /// When what is at a path last changed, its bytes or all else about it, in nanoseconds since 1970 by the clock of the file
    /// system; `None` where nothing is there.
    ///
    /// Of a link it is the link's own time. Fails with exit 8 where the path is not followed, for a part of it is a link or no
    /// folder, and with exit 9 when the disk says no.
    pub fn changed_at(&self, path: &RelativePath) -> Result<Option<i128>, Failure> {
        let found = self.stat(path)?;
        Ok(found.map(|found| {
            let changed = i128::from(found.st_ctime) * NANOS + i128::from(found.st_ctime_nsec);
            let modified = i128::from(found.st_mtime) * NANOS + i128::from(found.st_mtime_nsec);
            changed.max(modified)
        }))
    }

    /// The folder that a path's last name is in, when it is there.
    pub(super) fn folder_of(&self, path: &RelativePath) -> Result<Option<OwnedFd>, Unreached> {
        disk::folder(&self.handle, path).map_err(|problem| self.unreachable(path, &problem))
    }

    /// The bytes of a file, or `None` when it is not there. Follows no link, opens no device, and reads at most 16 MiB.
    pub fn read(&self, path: &RelativePath) -> Result<Option<Vec<u8>>, Failure> {
        let Some(folder) = self.folder_of(path)? else {
            return Ok(None);
        };
        match disk::read(&folder, path.name(), SIZE_LIMIT) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(disk::ReadError::Missing) => Ok(None),
            Err(problem) => Err(self.unreadable(path, &problem).into()),
        }
    }

    pub(super) fn unreadable(&self, path: &RelativePath, problem: &disk::ReadError) -> Unreached {
        let why = match problem {
            disk::ReadError::Missing => return self.failed("read", path, rustix::io::Errno::NOENT).into(),
            disk::ReadError::Io(error) => return self.failed("read", path, *error).into(),
            disk::ReadError::Link => "it is a symbolic link".to_owned(),
            disk::ReadError::Kind(kind) => format!("it is {}", disk::kind_name(*kind)),
            disk::ReadError::TooBig(size) => format!("it has {size} bytes, and the limit is {SIZE_LIMIT}"),
        };
        Refusal::new(path.as_str(), why).into()
    }

    /// A failure of the disk at a path of the tree.
    pub(super) fn failed(&self, doing: &str, path: &RelativePath, error: rustix::io::Errno) -> Failure {
        Failure::io(doing, &self.path.join(path.as_str()), &error.into())
    }

    /// What to say when the folders above a path cannot be walked.
    pub(super) fn unreachable(&self, path: &RelativePath, problem: &disk::WalkError) -> Unreached {
        let why = match problem {
            disk::WalkError::Link(part) => format!("`{part}` is a symbolic link"),
            disk::WalkError::NotFolder(part) => format!("`{part}` is not a folder"),
            disk::WalkError::Io(error) => return self.failed("look at", path, *error).into(),
        };
        Refusal::new(path.as_str(), why).into()
    }
}

/// A path of a reply that is not followed (exit 8).
pub(super) fn refused(path: &str, why: &str) -> Failure {
    Refusal::new(path, why).into()
}

impl From<PathProblem> for Failure {
    fn from(problem: PathProblem) -> Self {
        Self::new(Exit::ReplyUnusable, "unsafe-path", problem.to_string())
    }
}
