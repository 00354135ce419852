//! Folders that no other one can be put in the place of.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::manifest::MANIFEST;
use crate::crash;

/// Whether a folder has to stay the one that it is: this process stands in it, and whoever started it would look at one
/// that is gone; or something is mounted there, and the system refuses to move it.
pub(super) fn stays(folder: &Path) -> io::Result<bool> {
    let data = folder.metadata()?;
    let same = |other: &fs::Metadata| (other.dev(), other.ino()) == (data.dev(), data.ino());
    let current = Path::new(".").metadata();
    Ok(current.is_ok_and(|current| same(&current)) || is_mounted(folder, data.dev())?)
}

fn is_mounted(folder: &Path, device: u64) -> io::Result<bool> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
        // What is bound to another place of one file system has its device too.
        if let Ok(told) = statx(CWD, folder, AtFlags::empty(), StatxFlags::BASIC_STATS)
            && told.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT)
        {
            return Ok(told.stx_attributes.contains(StatxAttributes::MOUNT_ROOT));
        }
    }
    let above = folder.parent().unwrap_or(folder).metadata()?;
    Ok(above.dev() != device)
}

/// Moves all that is in `making`, a folder within `target`, to `target`, the manifest last. Where that fails, all is moved
/// back.
pub(super) fn fill(making: &Path, target: &Path) -> io::Result<()> {
    let mut names: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(making)? {
        names.push(entry?.file_name().into());
    }
    names.sort_by_key(|name| (name == Path::new(MANIFEST), name.clone()));
    let mut moved = Vec::new();
    let filled = names.iter().try_for_each(|name| {
        if name == Path::new(MANIFEST) {
            // What it tells of is there before it is.
            fs::File::open(target)?.sync_all()?;
        }
        let (from, to) = (making.join(name), target.join(name));
        // Somebody was there first.
        if to.symlink_metadata().is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        fs::rename(&from, &to)?;
        moved.push((from, to));
        crash::point();
        Ok(())
    });
    if filled.is_err() {
        for (from, to) in moved.iter().rev() {
            // What cannot be moved back stays, without a manifest.
            let _ = fs::rename(to, from);
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let name =
            |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn where_somebody_was_faster_all_is_moved_back() {
        let target = tempfile::tempdir().unwrap();
        let making = target.path().join("making");
        fs::create_dir(&making).unwrap();
        let all = ["a", "b", "c", MANIFEST];
        all.iter()
            .for_each(|name| fs::write(making.join(name), "ours").unwrap());
        fs::write(target.path().join("b"), "theirs").unwrap();
        let error = fill(&making, target.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(
            (names(target.path()), names(&making)),
            (vec!["b".into(), "making".into()], all.map(String::from).to_vec())
        );
        assert_eq!(fs::read_to_string(target.path().join("b")).unwrap(), "theirs");
        fs::remove_file(target.path().join("b")).unwrap();
        fill(&making, target.path()).unwrap();
        assert_eq!(names(&making), Vec::<String>::new());
    }
}
