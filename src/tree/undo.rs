use std::collections::BTreeMap;

use super::apply::put_back_all;
use super::folders::Folders;
use super::{Change, Links, Planned, Recovery, RelativePath, Root, protected, recover};
use crate::crash;
use crate::state::Blobs;
use crate::words::{Digest, Exit, Failure};

/// What would put back everything that a step changed, path by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undo {
    /// Files that are as the step left them: they become what they were before it.
    pub changes: Vec<Change>,
    /// Files that somebody else has changed since: a person decides.
    pub conflicts: Vec<Conflict>,
    /// Folders that the step made, outermost first: they go where they are empty then.
    pub folders: Vec<RelativePath>,
    /// What cannot be put back.
    pub kept: Vec<Kept>,
    /// Every path that the step changed.
    pub paths: Vec<RelativePath>,
}

/// A file of the step that is not as the step left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What would put it back all the same.
    pub change: Change,
    /// What is the matter with it.
    pub why: &'static str,
}

/// A file of the step that cannot be put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The file.
    pub path: RelativePath,
    /// Why, as what comes after its name.
    pub why: &'static str,
    /// Whose doing it is: exit 11 where somebody made something else of it, exit 9 where its bytes are gone.
    pub exit: Exit,
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` {}", self.path, self.why)
    }
}

/// A file's bytes, whether they are where a link leads, and its bits where they are known.
type Side = (Option<Digest>, bool, Option<u32>);

/// One path from its first pre-image to its last post-image.
struct Net {
    before: Side,
    after: Side,
    /// Whether somebody else changed it between two attempts.
    between: bool,
}

/// What is to become of one path.
enum Decision {
    /// It is as it was before.
    Done,
    Change(Change),
    Conflict(Conflict),
    Kept(Kept),
}

/// Tells what would undo a step. `history` are the intents that were carried out for it, the first one first. Writes
/// nothing; a path that is already as it was before is left out.
pub fn undo(root: &Root, blobs: &Blobs, history: &[Vec<Planned>]) -> Result<Undo, Failure> {
    let mut nets: BTreeMap<RelativePath, Net> = BTreeMap::new();
    let mut undo = Undo::default();
    for planned in history.iter().flatten() {
        undo.folders.extend(planned.folders.iter().cloned());
        let before = (planned.before.clone(), planned.link.before, planned.mode);
        let kept_mode = planned.mode.map(|mode| mode & 0o777);
        let after = (
            planned.after.clone(),
            planned.link.after,
            planned.after_mode.or(kept_mode),
        );
        match nets.get_mut(&planned.path) {
            Some(net) => {
                net.between |= (&net.after.0, net.after.1) != (&before.0, before.1);
                net.after = after;
            }
            None => {
                let net = Net {
                    before,
                    after,
                    between: false,
                };
                nets.insert(planned.path.clone(), net);
            }
        }
    }
    undo.folders.sort();
    undo.folders.dedup();
    undo.paths = nets.keys().cloned().collect();
    let mut folders = Folders::new(root);
    for (path, net) in &nets {
        match decide(&mut folders, blobs, path, net)? {
            Decision::Done => {}
            Decision::Change(change) => undo.changes.push(change),
            Decision::Conflict(conflict) => undo.conflicts.push(conflict),
            Decision::Kept(kept) => undo.kept.push(kept),
        }
    }
    Ok(undo)
}

fn decide(
    folders: &mut Folders<'_>,
    blobs: &Blobs,
    path: &RelativePath,
    net: &Net,
) -> Result<Decision, Failure> {
    let now = match folders.held(path) {
        Ok(now) => now,
        // A folder is there now, or a link above it.
        Err(failure) if failure.exit == Exit::ReplyUnusable => {
            return Ok(Decision::Kept(Kept {
                path: path.clone(),
                why: "is something else now, and stays",
                exit: Exit::Changed,
            }));
        }
        Err(failure) => return Err(failure),
    };
    let found = now.as_ref().map(|now| (Digest::of(&now.bytes), now.link));
    let is = |side: &Side| match (&found, &side.0) {
        (None, None) => true,
        (Some((now, link)), Some(digest)) => *link == side.1 && now == digest,
        _ => false,
    };
    let mode = now.as_ref().map(|now| now.mode);
    // Where the bytes are the same on both sides, the bits are what the step changed.
    let bits_only = (&net.before.0, net.before.1) == (&net.after.0, net.after.1);
    let as_before = is(&net.before);
    if as_before && (!bits_only || net.before.2 == net.after.2 || mode == net.before.2) {
        return Ok(Decision::Done);
    }
    let as_after = is(&net.after) && (!bits_only || mode == net.after.2);
    let after = match &net.before.0 {
        None => None,
        Some(digest) => match blobs.held(digest)? {
            Some(bytes) => Some(bytes),
            None => {
                return Ok(Decision::Kept(Kept {
                    path: path.clone(),
                    why: "stays: its bytes before are no longer kept",
                    exit: Exit::LocalIo,
                }));
            }
        },
    };
    // Bits that somebody changed since are theirs.
    let own_bits = as_after && !bits_only && mode.is_some() && net.after.2.is_some() && mode != net.after.2;
    let after_mode = if own_bits { mode } else { net.before.2.or(mode) };
    let change = Change {
        path: path.clone(),
        from: None,
        link: Links {
            before: now.as_ref().is_some_and(|now| now.link),
            after: net.before.1,
        },
        before: now.map(|now| now.bytes),
        mode,
        after_mode: after.as_ref().and(after_mode),
        after,
        protection: protected(path),
        declared: true,
    };
    if as_after && !net.between {
        return Ok(Decision::Change(change));
    }
    let why = match (&found, net.between) {
        (_, true) => "somebody else changed it between two attempts at the step",
        (None, false) => "somebody took it away since",
        (Some(_), false) => "somebody changed it since",
    };
    Ok(Decision::Conflict(Conflict { change, why }))
}

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
    put_back_all(root, changes, session)?;
    for folder in folders.iter().rev() {
        crash::point();
        root.remove_if_empty(folder)?;
    }
    Ok(())
}

/// Goes on with what [`put_back`] was doing when it was killed. [`Recovery::Foreign`] where somebody else came between:
/// then nothing was touched. Can itself be killed anywhere and run again.
pub fn put_back_rest(
    root: &Root,
    blobs: &Blobs,
    intent: (&[Planned], &[RelativePath]),
    session: &str,
) -> Result<Recovery, Failure> {
    let (files, folders) = intent;
    let recovery = recover(root, blobs, files, session)?;
    if matches!(recovery, Recovery::Foreign(_)) {
        return Ok(recovery);
    }
    let mut changes = Vec::new();
    if recovery != Recovery::AllWritten {
        for planned in files {
            let bytes = |digest: &Option<Digest>| digest.as_ref().map(|digest| blobs.get(digest)).transpose();
            changes.push(Change {
                path: planned.path.clone(),
                from: None,
                before: bytes(&planned.before)?,
                after: bytes(&planned.after)?,
                mode: planned.mode,
                after_mode: planned.after_mode,
                link: planned.link,
                protection: None,
                declared: true,
            });
        }
    }
    put_back(root, &changes, folders, session)?;
    Ok(Recovery::AllWritten)
}
