use super::folders::Folders;
use super::meanwhile::{changed, since};
use super::moment::Watcher;
use super::work::{Work, is_before};
use super::{Change, Root};
use crate::crash;
use crate::words::Failure;

/// Fails with exit 11, and does nothing, when a target is no longer what it was when its change was shown, or is one that is
/// no longer followed.
pub fn unchanged(root: &Root, changes: &[Change]) -> Result<(), Failure> {
    compare_all(&mut Folders::new(root), changes, false)
}

/// As [`unchanged`], for changes that put something back.
pub(super) fn as_shown(root: &Root, changes: &[Change]) -> Result<(), Failure> {
    compare_all(&mut Folders::new(root), changes, true)
}

/// Writes all changes or none.
///
/// Every file is written beside its target first, so that a full disk shows before any target is touched; then each
/// target is compared with what it was when the change was shown, and replaced or taken away. What was there keeps its
/// inode, beside, until all is done: putting it back needs no space. Folders stay. `session` is part of the names of the
/// files beside, so that a [recovery](super::recover) knows its own. Fails with exit 11 when a target has changed, with
/// exit 9 when the disk says no; then everything is as it was.
pub fn apply(root: &Root, changes: &[Change], session: &str) -> Result<(), Failure> {
    apply_watched(root, changes, session, &mut |_| {
        crash::point();
        Ok(())
    })
    // What stays beside is taken away by the next session.
    .map(drop)
}

/// As [`apply`], for changes that put something back: our own files may be among them, for an agent may have written
/// there.
pub(super) fn put_back_all(root: &Root, changes: &[Change], session: &str) -> Result<(), Failure> {
    // What writes goes by the same handles, and looks again at each path itself.
    let mut folders = Folders::new(root);
    compare_all(&mut folders, changes, true)?;
    let left = Work::new(folders, session).all(changes, &mut |_| {
        crash::point();
        Ok(())
    })?;
    // Folders that are to go would not be empty.
    left.map_or(Ok(()), Err)
}

/// Gives what could not be taken away of our own, where all was written.
pub(super) fn apply_watched(
    root: &Root,
    changes: &[Change],
    session: &str,
    watch: Watcher<'_>,
) -> Result<Option<Failure>, Failure> {
    let mut folders = Folders::new(root);
    compare_all(&mut folders, changes, false)?;
    Work::new(folders, session).all(changes, watch)
}

/// As [`apply_watched`], on a file system that knows hard links only.
#[cfg(test)]
pub(super) fn apply_linking(
    root: &Root,
    changes: &[Change],
    session: &str,
    watch: Watcher<'_>,
) -> Result<Option<Failure>, Failure> {
    let mut work = Work::new(Folders::new(root), session);
    work.swaps = false;
    work.all(changes, watch)
}

/// As [`apply_watched`], by one open folder at a time.
#[cfg(test)]
pub(super) fn apply_cramped(
    root: &Root,
    changes: &[Change],
    session: &str,
    watch: Watcher<'_>,
) -> Result<Option<Failure>, Failure> {
    Work::new(Folders::with_room(root, 1), session).all(changes, watch)
}

/// Fails with exit 11 when a file is no longer what it was when its change was shown, or is one that is no longer followed;
/// with `own`, our own files may be written.
fn compare_all(folders: &mut Folders<'_>, changes: &[Change], own: bool) -> Result<(), Failure> {
    for target in changes.iter().flat_map(Change::targets) {
        let held = if target.link.none() && !own {
            folders.admit_again(target.path)
        } else {
            folders.held(target.path)
        };
        let held = held.map_err(|why| since(why, target.path))?;
        if !is_before(held.as_ref(), &target) {
            return Err(changed(target.path));
        }
    }
    Ok(())
}
