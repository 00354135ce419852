use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, renameat, unlinkat};
use rustix::io::Errno;

use super::beside::beside;
use super::change::Target;
use super::disk::{self, Inode};
use super::swap::rename_to_nothing;

/// One target on its way.
pub(super) struct Slot {
    pub(super) folder: Inode,
    /// The new bytes, beside the target, until they replace it.
    pub(super) fresh: Option<String>,
    /// The old file by another name, so that undoing needs no space.
    pub(super) backup: Option<String>,
    /// Whether the target is as it shall be.
    pub(super) replaced: bool,
}

impl Slot {
    pub(super) fn new(folder: Inode, fresh: Option<String>) -> Self {
        Self {
            folder,
            fresh,
            backup: None,
            replaced: false,
        }
    }

    /// Makes of a target that was replaced what it was.
    pub(super) fn put_back(
        &mut self,
        folder: &OwnedFd,
        target: &Target<'_>,
        session: &str,
    ) -> Result<(), Errno> {
        let name = target.path.name();
        let Some(bytes) = target.before else {
            unlinkat(folder, name, AtFlags::empty())?;
            return disk::sync(folder);
        };
        let old = match self.backup.take() {
            Some(backup) => backup,
            None => {
                let fresh = beside(session);
                self.fresh = Some(fresh.clone());
                create(folder, &fresh, (bytes, target.link.before), target.mode)?;
                fresh
            }
        };
        match target.after {
            Some(_) => renameat(folder, &*old, folder, name)?,
            // Somebody may have made a file where ours was: theirs stays.
            None => rename_to_nothing(folder, &old, name)?,
        }
        self.fresh = None;
        disk::sync(folder)
    }
}

/// Makes the file or the link that a target is to be, or was, by a name beside it.
pub(super) fn create(
    folder: &OwnedFd,
    name: &str,
    what: (&[u8], bool),
    mode: Option<u32>,
) -> Result<(), Errno> {
    match what {
        (leads, true) => disk::link(folder, name, leads),
        (bytes, false) => disk::create(folder, name, bytes, mode),
    }
}
