use serde::{Deserialize, Serialize};

use super::change::Target;
use super::disk::Held;
use super::folders::Folders;
use super::unreached::Unreached;
use super::{Change, Links, RelativePath, Root};
use crate::state::Blobs;
use crate::words::{Digest, Failure};

/// One path of an intent: what is journalled before anything is written, and all that a recovery needs. A file that is
/// renamed has two of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Which file.
    pub path: RelativePath,
    /// Its bytes before, kept as a blob; `None` when it was not there.
    pub before: Option<Digest>,
    /// Its bytes after; `None` when it shall be gone.
    pub after: Option<Digest>,
    /// Its permission bits before, for a file that may have to be made anew; records of older versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// Its permission bits after, where it does not keep them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_mode: Option<u32>,
    /// On which sides it is a symbolic link: what is kept is then where it leads.
    #[serde(default, skip_serializing_if = "Links::none")]
    pub link: Links,
    /// Folders that are made for it, outermost first.
    pub folders: Vec<RelativePath>,
}

/// On which side of an intent a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
    Neither,
}

impl Planned {
    /// Tells by what is there which side that is. Bits count only where the bytes are the same on both sides: whoever
    /// changed them otherwise keeps them.
    pub(super) fn side(&self, held: Option<&Held>) -> Side {
        let found = held.map(|held| (Digest::of(&held.bytes), held.link));
        let before = self.before.clone().map(|digest| (digest, self.link.before));
        let after = self.after.clone().map(|digest| (digest, self.link.after));
        if before == after {
            let mode = held.map(|held| held.mode);
            return match found == after {
                true if mode == self.after_mode || self.after_mode.is_none() => Side::After,
                true => Side::Before,
                false => Side::Neither,
            };
        }
        if found == after {
            Side::After
        } else if found == before {
            Side::Before
        } else {
            Side::Neither
        }
    }
}

/// Keeps the bytes before as blobs and says what [`apply`](super::apply) is going to do. The caller journals the answer, then applies.
pub fn prepare(root: &Root, blobs: &Blobs, changes: &[Change]) -> Result<Vec<Planned>, Failure> {
    let targets: Vec<_> = changes.iter().flat_map(Change::targets).collect();
    blobs.put_many(targets.iter().filter_map(|target| target.before))?;
    let mut known = Folders::new(root);
    targets
        .iter()
        .map(|target| plan_one(&mut known, target))
        .collect()
}

fn plan_one(known: &mut Folders<'_>, target: &Target<'_>) -> Result<Planned, Failure> {
    let mut folders = Vec::new();
    if let Ok(Some(_)) = known.of(target.path) {
        return Ok(of_target(target, folders));
    }
    for folder in target.path.folders() {
        let path = RelativePath::found(folder)?;
        match known.root.stat(&path) {
            Ok(Some(_)) => {}
            Ok(None) => folders.push(path),
            // A file that goes before this one comes back.
            Err(Unreached::Refused(_)) => folders.push(path),
            Err(Unreached::Failed(failure)) => return Err(failure),
        }
    }
    Ok(of_target(target, folders))
}

/// One path of a change; its caller keeps the bytes before it.
pub(super) fn of_target(target: &Target<'_>, folders: Vec<RelativePath>) -> Planned {
    Planned {
        path: target.path.clone(),
        before: target.before.map(Digest::of),
        after: target.after.map(Digest::of),
        mode: target.before.and(target.mode),
        after_mode: target.after.and(target.after_mode),
        link: target.link,
        folders,
    }
}
