use std::collections::HashSet;

use rustix::fs::{AtFlags, renameat, unlinkat};

use super::beside::{beside, prefix};
use super::planned::Side;
use super::unreached::Unreached;
use super::{Planned, RelativePath, Root, disk};
use crate::state::Blobs;
use crate::words::Failure;

/// What a recovery found, and left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// Every file is as it was before: ask again.
    NothingWritten,
    /// Every file is as it was to become: it is applied.
    AllWritten,
    /// Some were written; now every file is as it was before: ask again.
    RolledBack,
    /// These files are neither: nothing was touched, a person must look (exit 11).
    Foreign(Vec<RelativePath>),
}

/// Brings the tree to one of the two sides of an intent after a crash, by the hashes of its files alone.
///
/// Removes files beside the targets that carry the name of `session`, and folders that were made for files that are not
/// there. Can itself be killed anywhere and run again.
pub fn recover(root: &Root, blobs: &Blobs, intent: &[Planned], session: &str) -> Result<Recovery, Failure> {
    let mut written = Vec::new();
    let mut foreign = Vec::new();
    for planned in intent {
        // A folder where the file was is as foreign as other bytes.
        let now = match root.held(&planned.path) {
            Ok(held) => held,
            Err(Unreached::Refused(_)) => {
                foreign.push(planned.path.clone());
                continue;
            }
            Err(Unreached::Failed(failure)) => return Err(failure),
        };
        match planned.side(now.as_ref()) {
            Side::After => written.push(planned),
            Side::Before => {}
            Side::Neither => foreign.push(planned.path.clone()),
        }
    }
    if written.len() < intent.len() {
        // A file that went cannot come back into a folder that somebody took away.
        for planned in &written {
            if planned.before.is_some() && root.folder_of(&planned.path)?.is_none() {
                foreign.push(planned.path.clone());
            }
        }
    }
    if !foreign.is_empty() {
        return Ok(Recovery::Foreign(foreign));
    }
    let recovery = if written.len() == intent.len() {
        Recovery::AllWritten
    } else if written.is_empty() {
        Recovery::NothingWritten
    } else {
        for planned in written {
            put_back(root, blobs, planned, session)?;
        }
        Recovery::RolledBack
    };
    tidy(root, intent, session, recovery == Recovery::AllWritten)?;
    Ok(recovery)
}

/// Whether nothing of an intent is in the tree: each file is as it was before, or as somebody else made it. `false` where
/// that cannot be told.
pub fn none_written(root: &Root, intent: &[Planned]) -> bool {
    intent.iter().all(|planned| match root.held(&planned.path) {
        Ok(held) => planned.side(held.as_ref()) != Side::After,
        // A folder, or a link above it, is somebody else's.
        Err(why) => matches!(why, Unreached::Refused(_)),
    })
}

/// Takes away the files that a session of this name left beside the targets of an intent: what they hold is kept as blobs,
/// and the intent is decided anew.
pub fn sweep(root: &Root, intent: &[Planned], session: &str) -> Result<(), Failure> {
    tidy(root, intent, session, true)
}

fn put_back(root: &Root, blobs: &Blobs, planned: &Planned, session: &str) -> Result<(), Failure> {
    let path = &planned.path;
    let failed = |error| root.failed("put back", path, error);
    let Some(folder) = root.folder_of(path)? else {
        return Ok(());
    };
    match &planned.before {
        None => unlinkat(&folder, path.name(), AtFlags::empty()).map_err(failed)?,
        Some(before) => {
            let bytes = blobs.get(before)?;
            let there = disk::stat(&folder, path.name()).map_err(failed)?;
            let mode = planned.mode.or(there.map(|stat| stat.st_mode & 0o777));
            let name = beside(session);
            if planned.link.before {
                disk::link(&folder, &name, &bytes).map_err(failed)?;
            } else {
                disk::create(&folder, &name, &bytes, mode).map_err(failed)?;
            }
            renameat(&folder, &*name, &folder, path.name()).map_err(failed)?;
        }
    }
    disk::sync(&folder).map_err(failed)
}

/// Takes away what is ours beside targets, and their folders if they were made for nothing.
fn tidy(root: &Root, intent: &[Planned], session: &str, applied: bool) -> Result<(), Failure> {
    // A folder is looked through once, however many files of it there are.
    let mut seen = HashSet::new();
    for planned in intent {
        if seen.insert(planned.path.folders().last()) {
            tidy_beside(root, &planned.path, session)?;
        }
        for made in planned.folders.iter().rev().filter(|_| !applied) {
            // One that is not empty is somebody's.
            if let Some(above) = root.folder_of(made)? {
                let failed = |error| root.failed("tidy beside", &planned.path, error);
                disk::remove_folder(&above, made.name()).map_err(failed)?;
            }
        }
    }
    Ok(())
}

fn tidy_beside(root: &Root, path: &RelativePath, session: &str) -> Result<(), Failure> {
    let failed = |error| root.failed("tidy beside", path, error);
    let folder = match root.folder_of(path) {
        // Where no folder is above it, nothing is beside it.
        Err(Unreached::Refused(_)) => None,
        found => found?,
    };
    let Some(folder) = folder else {
        return Ok(());
    };
    let prefix = prefix(session);
    let mut ours = Vec::new();
    for entry in disk::names(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_bytes().starts_with(prefix.as_bytes()) {
            ours.push(entry.file_name().to_owned());
        }
    }
    for name in ours {
        disk::remove_file(&folder, &*name).map_err(failed)?;
    }
    Ok(())
}
