//! One file in the place of another, so that neither is lost: what was there goes to a name beside, by the same call that
//! brings what shall be there.

use std::os::fd::OwnedFd;

use rustix::fs::{RenameFlags, renameat, renameat_with};
use rustix::io::Errno;

use super::disk::{self, Inode};

/// What became of a swap.
#[derive(Debug)]
pub(super) enum Swap {
    /// What was there is beside.
    Done,
    /// It was not the file that was looked at: all is as it was.
    Foreign,
    /// It was not the file that was looked at, and could not go back: it is beside.
    Stuck(Errno),
    /// The file system does not know how.
    Unknown,
}

/// Gives two files each other's names. `expected` is what is to be at `name`: somebody may have made another of it since
/// it was looked at.
pub(super) fn exchange(folder: &OwnedFd, fresh: &str, name: &str, expected: Inode) -> Result<Swap, Errno> {
    match renameat_with(folder, fresh, folder, name, RenameFlags::EXCHANGE) {
        Err(error) if is_unknown(error) => return Ok(Swap::Unknown),
        done => done?,
    }
    if is(folder, fresh, expected) {
        return Ok(Swap::Done);
    }
    let back = renameat_with(folder, fresh, folder, name, RenameFlags::EXCHANGE);
    Ok(back.map_or_else(Swap::Stuck, |()| Swap::Foreign))
}

/// Takes a file away to a name beside it that nobody has.
pub(super) fn take_away(folder: &OwnedFd, name: &str, beside: &str, expected: Inode) -> Result<Swap, Errno> {
    rename_to_nothing(folder, name, beside)?;
    if is(folder, beside, expected) {
        return Ok(Swap::Done);
    }
    let back = rename_to_nothing(folder, beside, name);
    Ok(back.map_or_else(Swap::Stuck, |()| Swap::Foreign))
}

/// Gives a file a name that nobody has taken.
pub(super) fn rename_to_nothing(folder: &OwnedFd, from: &str, to: &str) -> Result<(), Errno> {
    match renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE) {
        // Not every file system knows the flag; it was compared just now.
        Err(error) if is_unknown(error) => renameat(folder, from, folder, to),
        done => done,
    }
}

fn is_unknown(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)
}

fn is(folder: &OwnedFd, name: &str, expected: Inode) -> bool {
    matches!(disk::stat(folder, name), Ok(Some(found)) if Inode::of(&found) == expected)
}
