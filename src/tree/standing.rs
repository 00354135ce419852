//! What stands where a file is put back: nothing that is in its way, or something that has to go first.
//!
//! An agent may have made a folder of a file, or a file of a folder. What it put there is its own, and goes before the
//! file comes back; where somebody else has something there, the file does not come back.

use std::collections::BTreeSet;

use rustix::fs::FileType;

use super::disk::{self, Held};
use super::folders::Folders;
use super::unreached::Unreached;
use super::{Change, Planned, RelativePath, Root};
use crate::words::Failure;

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// A file or a link, or nothing.
    Free(Option<Held>),
    /// No file, for there is a folder, or no folder above it.
    Blocked,
    /// Something else: a device, a file past the limit.
    Other,
}

impl Standing {
    /// Looks. Fails with exit 9 when the disk says no.
    pub(super) fn of(folders: &mut Folders<'_>, path: &RelativePath) -> Result<Self, Failure> {
        let root = folders.root;
        match folders.held(path) {
            Ok(held) => return Ok(Self::Free(held)),
            Err(Unreached::Refused(_)) => {}
            Err(Unreached::Failed(failure)) => return Err(failure),
        }
        match root.stat(path) {
            Ok(Some(found)) if kind(&found) == FileType::Directory => Ok(Self::Blocked),
            Ok(_) => Ok(Self::Other),
            Err(Unreached::Refused(_)) => Ok(Self::Blocked),
            Err(Unreached::Failed(failure)) => Err(failure),
        }
    }
}

fn kind(found: &rustix::fs::Stat) -> FileType {
    FileType::from_raw_mode(found.st_mode)
}

/// Files and folders that go, by path.
#[derive(Debug, Default)]
pub(super) struct Going<'a> {
    files: BTreeSet<&'a str>,
    folders: BTreeSet<&'a str>,
}

impl<'a> Going<'a> {
    /// Of changes that put something back.
    pub(super) fn of(changes: &'a [Change], folders: &'a [RelativePath]) -> Self {
        let files = changes.iter().filter(|change| change.after.is_none());
        Self {
            files: files.map(|change| change.path.as_str()).collect(),
            folders: folders.iter().map(RelativePath::as_str).collect(),
        }
    }

    /// Of an intent to put something back.
    pub(super) fn of_intent(intent: &'a [Planned], folders: &'a [RelativePath]) -> Self {
        let files = intent.iter().filter(|planned| planned.after.is_none());
        Self {
            files: files.map(|planned| planned.path.as_str()).collect(),
            folders: folders.iter().map(RelativePath::as_str).collect(),
        }
    }

    /// Whether all that stands in the way of a file goes.
    pub(super) fn clears(&self, root: &Root, path: &RelativePath) -> Result<bool, Failure> {
        for above in path.folders() {
            let above = RelativePath::found(above)?;
            match root.stat(&above)? {
                // Nothing is there: nothing is in the way further down.
                None => return Ok(true),
                Some(found) if kind(&found) == FileType::Directory => {}
                Some(_) => return Ok(self.files.contains(above.as_str())),
            }
        }
        self.empties(root, path)
    }

    /// Whether nothing is left of a folder.
    fn empties(&self, root: &Root, folder: &RelativePath) -> Result<bool, Failure> {
        if !self.folders.contains(folder.as_str()) {
            return Ok(false);
        }
        let failed = |error| root.failed("look into", folder, error);
        let Ok(inside) = RelativePath::found(&format!("{folder}/x", folder = folder.as_str())) else {
            return Ok(false);
        };
        let Some(handle) = root.folder_of(&inside)? else {
            return Ok(true);
        };
        for entry in disk::names(&handle).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().to_str() else {
                return Ok(false);
            };
            if matches!(name, "." | "..") {
                continue;
            }
            let Ok(path) = RelativePath::found(&format!("{}/{name}", folder.as_str())) else {
                return Ok(false);
            };
            let is_folder = root
                .stat(&path)?
                .is_some_and(|found| kind(&found) == FileType::Directory);
            let goes = match is_folder {
                true => self.empties(root, &path)?,
                false => self.files.contains(path.as_str()),
            };
            if !goes {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What stands in the way of others among changes that put something back: by index, and folders.
#[derive(Debug, Default)]
pub(super) struct Way<'a> {
    pub(super) files: Vec<usize>,
    pub(super) folders: Vec<&'a RelativePath>,
}

impl<'a> Way<'a> {
    pub(super) fn of(changes: &[Change], folders: &'a [RelativePath]) -> Self {
        let comes = |change: &&Change| change.before.is_none() && change.after.is_some();
        let coming: BTreeSet<&str> = changes
            .iter()
            .filter(comes)
            .map(|change| change.path.as_str())
            .collect();
        let above: BTreeSet<&str> = changes
            .iter()
            .filter(comes)
            .flat_map(|change| change.path.folders())
            .collect();
        let beneath = |path: &RelativePath| path.folders().any(|folder| coming.contains(folder));
        let stands = |change: &Change| above.contains(change.path.as_str()) || beneath(&change.path);
        let files = changes.iter().enumerate();
        Self {
            files: files
                .filter(|(_, change)| change.after.is_none() && stands(change))
                .map(|(index, _)| index)
                .collect(),
            folders: folders
                .iter()
                .filter(|folder| coming.contains(folder.as_str()) || beneath(folder))
                .collect(),
        }
    }
}
