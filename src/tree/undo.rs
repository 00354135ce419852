use std::collections::{BTreeMap, HashSet};

use super::folders::Folders;
use super::planned::Side as On;
use super::put_back::put_back;
use super::standing::{Going, Standing};
use super::{Change, Links, Planned, Recovery, RelativePath, Root, disk, protected, sweep};
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

impl Kept {
    fn in_the_way(path: RelativePath) -> Self {
        Self {
            path,
            why: "is something else now, and stays",
            exit: Exit::Changed,
        }
    }
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
    /// Whether somebody else changed its bits then.
    bits_between: bool,
}

/// What is to become of one path.
enum Decision {
    /// It is as it was before.
    Done,
    Change(Change),
    Conflict(Conflict),
    Kept(Kept),
}

type Nets = BTreeMap<RelativePath, Net>;

/// Tells what would undo a step. `history` are the intents that were carried out for it, the first one first. Writes
/// nothing; a path that is already as it was before is left out.
pub fn undo(root: &Root, blobs: &Blobs, history: &[Vec<Planned>]) -> Result<Undo, Failure> {
    let mut nets = Nets::new();
    let mut undo = Undo::default();
    for planned in history.iter().flatten() {
        undo.folders.extend(planned.folders.iter().cloned());
        // A link has no bits, whatever the system says of it.
        let of_file = |mode: Option<u32>, link: bool| mode.filter(|_| !link);
        let before_mode = of_file(planned.mode, planned.link.before);
        let before = (planned.before.clone(), planned.link.before, before_mode);
        let kept_mode = before_mode.map(|mode| mode & 0o777);
        let after_mode = of_file(planned.after_mode.or(kept_mode), planned.link.after);
        let after = (planned.after.clone(), planned.link.after, after_mode);
        match nets.get_mut(&planned.path) {
            Some(net) => {
                net.between |= (&net.after.0, net.after.1) != (&before.0, before.1);
                net.bits_between |= net.after.2.is_some() && before.2.is_some() && net.after.2 != before.2;
                net.after = after;
            }
            None => {
                let net = Net {
                    before,
                    after,
                    between: false,
                    bits_between: false,
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
        match decide(&mut folders, blobs, (&nets, path, net))? {
            Decision::Done => {}
            Decision::Change(change) => undo.changes.push(change),
            Decision::Conflict(conflict) => undo.conflicts.push(conflict),
            Decision::Kept(kept) => undo.kept.push(kept),
        }
    }
    clear(&mut folders, &mut undo)?;
    Ok(undo)
}

/// Whether a file was beneath a path before the step, or in the place of a folder above it.
fn had_file_around(nets: &Nets, path: &RelativePath) -> bool {
    let was_file = |net: &Net| net.before.0.is_some();
    let mut folders = path
        .folders()
        .filter_map(|folder| RelativePath::found(folder).ok());
    let above = folders.any(|folder| nets.get(&folder).is_some_and(was_file));
    above
        || nets
            .iter()
            .any(|(other, net)| was_file(net) && other.is_beneath(path))
}

/// What could not come back, for somebody else has something in its place, stays away.
fn clear(folders: &mut Folders<'_>, undo: &mut Undo) -> Result<(), Failure> {
    let mut stuck = Vec::new();
    let going = Going::of(&undo.changes, &undo.folders);
    let all = undo.changes.iter();
    for change in all.chain(undo.conflicts.iter().map(|conflict| &conflict.change)) {
        let comes = change.before.is_none() && change.after.is_some();
        if comes
            && Standing::of(folders, &change.path)? == Standing::Blocked
            && !going.clears(folders.root, &change.path)?
        {
            stuck.push(change.path.clone());
        }
    }
    undo.changes.retain(|change| !stuck.contains(&change.path));
    undo.conflicts
        .retain(|conflict| !stuck.contains(&conflict.change.path));
    undo.kept.extend(stuck.into_iter().map(Kept::in_the_way));
    undo.kept.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(())
}

fn decide(
    folders: &mut Folders<'_>,
    blobs: &Blobs,
    (nets, path, net): (&Nets, &RelativePath, &Net),
) -> Result<Decision, Failure> {
    let now = match Standing::of(folders, path)? {
        Standing::Free(now) => now,
        // A folder is there now, or no folder above it: where the step took the file away, that may be its own doing.
        Standing::Blocked if net.after.0.is_none() => None,
        // There was a folder before the step, or a file above it: so it is again.
        Standing::Blocked if net.before.0.is_none() && had_file_around(nets, path) => {
            return Ok(Decision::Done);
        }
        Standing::Blocked | Standing::Other => {
            return Ok(Decision::Kept(Kept::in_the_way(path.clone())));
        }
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
    // A file that moved away and back is on record as new, with bits that nobody noted.
    let as_after = is(&net.after) && (!bits_only || net.after.2.is_none_or(|bits| mode == Some(bits)));
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
    // Bits that somebody changed since are theirs; a link has none.
    let own_bits = as_after
        && !bits_only
        && !net.after.1
        && mode.is_some()
        && net.after.2.is_some()
        && (mode != net.after.2 || net.bits_between);
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
        (_, true) => "another step, or somebody else, changed it between two attempts at the step",
        (None, false) => "somebody took it away since",
        (Some(_), false) => "somebody changed it since",
    };
    Ok(Decision::Conflict(Conflict { change, why }))
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
    let going = Going::of_intent(files, folders);
    let mut known = Folders::new(root);
    let (mut left, mut done, mut foreign) = (Vec::new(), Vec::new(), Vec::new());
    for planned in files {
        let mut mode = None;
        let side = match Standing::of(&mut known, &planned.path)? {
            Standing::Free(now) => {
                mode = now.as_ref().map(|now| now.mode);
                planned.side(now.as_ref())
            }
            // Whatever stands there, it is no file.
            Standing::Blocked if planned.after.is_none() => On::After,
            Standing::Blocked if planned.before.is_none() && going.clears(root, &planned.path)? => On::Before,
            Standing::Blocked | Standing::Other => On::Neither,
        };
        match side {
            On::Before => left.push((planned, mode)),
            On::After => done.push(planned),
            On::Neither => foreign.push(planned.path.clone()),
        }
    }
    if !foreign.is_empty() {
        return Ok(Recovery::Foreign(foreign));
    }
    sweep(root, files, session)?;
    // It was cut off before the folders of these were on the disk for good.
    let mut synced = HashSet::new();
    for planned in done {
        if let Ok(Some(folder)) = known.of(&planned.path)
            && synced.insert(folder.inode)
        {
            let synced = disk::sync(&folder.handle);
            synced.map_err(|error| root.failed("sync the folder of", &planned.path, error))?;
        }
    }
    let mut changes = Vec::new();
    for (planned, now) in left {
        let bytes = |digest: &Option<Digest>| digest.as_ref().map(|digest| blobs.get(digest)).transpose();
        // Bits that somebody changed since the kill stop nothing: what is to be put back is on record with its own.
        // What stands there and goes first has none that matter.
        let kept = planned.mode.map(|mode| mode & 0o777);
        changes.push(Change {
            path: planned.path.clone(),
            from: None,
            before: bytes(&planned.before)?,
            after: bytes(&planned.after)?,
            mode: now.or(planned.mode),
            after_mode: planned.after_mode.or(kept),
            link: planned.link,
            protection: None,
            declared: true,
        });
    }
    put_back(root, &changes, folders, session)?;
    Ok(Recovery::AllWritten)
}
