//! Files are put back, those first that stand in the way of others.

use super::apply::{self, put_back_all};
use super::folders::Folders;
use super::standing::{Standing, Way};
use super::{Change, RelativePath, Root};
use crate::crash;
use crate::words::{Exit, Failure};

/// Puts files back, all or none, and takes folders away that are empty then. What is to be done must be on record.
///
/// Fails with exit 11 when a file has changed since it was looked at, with exit 9 when the disk says no; then every file is
/// as it was.
pub fn put_back(
    root: &Root,
    changes: &[Change],
    folders: &[RelativePath],
    session: &str,
) -> Result<(), Failure> {
    let way = Way::of(changes, folders);
    if way.files.is_empty() && way.folders.is_empty() {
        put_back_all(root, changes, session)?;
    } else {
        clear_first(root, changes, &way, session)?;
    }
    for folder in folders.iter().rev() {
        crash::point();
        root.remove_if_empty(folder)?;
    }
    Ok(())
}

/// Fails, and does nothing, when a file that is to be put back is no longer what it was when that was shown (exit 11).
pub fn as_shown(root: &Root, changes: &[Change], folders: &[RelativePath]) -> Result<(), Failure> {
    let way = Way::of(changes, folders);
    if way.files.is_empty() && way.folders.is_empty() {
        return apply::as_shown(root, changes);
    }
    compare(root, changes)
}

/// As it is told where something stands in the way, which is there on purpose.
fn compare(root: &Root, changes: &[Change]) -> Result<(), Failure> {
    let mut folders = Folders::new(root);
    for change in changes.iter().filter(|change| change.from.is_none()) {
        let as_shown = match Standing::of(&mut folders, &change.path)? {
            Standing::Free(held) => match (&held, &change.before) {
                (None, None) => true,
                (Some(held), Some(before)) => held.is(before, change.link.before),
                _ => false,
            },
            Standing::Blocked => change.before.is_none(),
            Standing::Other => false,
        };
        if !as_shown {
            let text = format!(
                "`{}` was changed by someone else after it was looked at",
                change.path
            );
            return Err(Failure::new(Exit::Changed, "tree-changed", text)
                .help("no file was touched; run again to see it as it is now"));
        }
    }
    Ok(())
}

/// In two goes: what stands in the way, then the rest. Where the second fails, the first is taken back.
fn clear_first(root: &Root, changes: &[Change], way: &Way<'_>, session: &str) -> Result<(), Failure> {
    let (first, rest): (Vec<_>, Vec<_>) = changes
        .iter()
        .enumerate()
        .partition(|(index, _)| way.files.contains(index));
    let of = |parts: Vec<(usize, &Change)>| -> Vec<Change> {
        parts.into_iter().map(|(_, change)| change.clone()).collect()
    };
    let (first, rest) = (of(first), of(rest));
    // The cheap answer before anything is touched.
    compare(root, &rest)?;
    put_back_all(root, &first, session)?;
    let emptied = way.folders.iter().rev().try_for_each(|folder| {
        crash::point();
        root.remove_if_empty(folder).map(drop)
    });
    emptied
        .and_then(|()| put_back_all(root, &rest, session))
        .map_err(|mut failure| {
            let again: Vec<Change> = first.iter().map(Change::reversed).collect();
            if let Err(more) = put_back_all(root, &again, session) {
                failure.diagnostics.extend(more.diagnostics);
            }
            failure
        })
}
