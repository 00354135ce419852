use std::collections::BTreeMap;
use std::path::Path;

use super::super::{Planned, RelativePath, Root, disk, planned, put_back};
use super::git::Git;
use super::list::{Entry, Kind, List};
use super::survey::beneath;
use super::{Difference, Keep, Snapshot, compare};
use crate::state::Blobs;
use crate::words::Failure;

/// A file past this is not kept in a pack, a pack takes no more bytes than this, and no more files.
const FILE_LIMIT: u64 = 1 << 20;
const PACK_LIMIT: usize = 64 << 20;
const COUNT_LIMIT: usize = 10_000;

/// Where snapshots of a plan's tree are kept.
#[derive(Debug, Clone, Copy)]
pub struct Depot<'a> {
    /// The tree.
    pub root: &'a Root,
    /// Where lists, and contents that git does not hold, are kept.
    pub blobs: &'a Blobs,
    /// The plan's private state folder, for indexes; its name tells the plan's refs from those of other plans.
    pub state: &'a Path,
}

impl Depot<'_> {
    /// Takes a snapshot. `name` becomes a part of the ref: `STEP/N`.
    ///
    /// Fails with exit 9 when the disk says no; what git cannot do is no failure, but a word in
    /// [`without`](Snapshot::without).
    pub fn take(&self, name: &str, keep: Keep) -> Result<Snapshot, Failure> {
        let mut list = List::walk(self.root)?;
        let mut without = Vec::new();
        let commit = match self.commit(&list, name) {
            Ok(commit) => Some(commit),
            Err(why) => {
                without.push(format!("the tree is not kept in git: {why}"));
                None
            }
        };
        let pack = match keep {
            Keep::Listed => None,
            Keep::Contents => {
                let bytes = self.pack(&mut list, commit.as_deref(), &mut without)?;
                Some(self.blobs.put_exact(&bytes)?)
            }
        };
        Ok(Snapshot {
            name: name.to_owned(),
            list: self.blobs.put_exact(&list.to_bytes())?,
            commit,
            pack,
            without,
        })
    }

    /// What is other in `after` than in `before`. `declared` are the files and folders that the step names.
    pub fn changes(
        &self,
        before: &Snapshot,
        after: &Snapshot,
        declared: &[String],
    ) -> Result<Difference, Failure> {
        let (one, other) = (self.list(before)?, self.list(after)?);
        let pairs = compare::suspects(&one, &other, self.own().as_deref());
        let old = self.contents(before, &one, &pairs)?;
        let new = self.contents(after, &other, &pairs)?;
        compare::difference(self.root, &pairs, (&old, &new), declared)
    }

    /// What is other in the tree now than in `before`.
    pub fn since(&self, before: &Snapshot, declared: &[String]) -> Result<Difference, Failure> {
        let (one, other) = (self.list(before)?, List::walk(self.root)?);
        let pairs = compare::suspects(&one, &other, self.own().as_deref());
        let old = self.contents(before, &one, &pairs)?;
        let mut new = BTreeMap::new();
        for pair in &pairs {
            let Some(path) = pair.after.and_then(|_| compare::readable(&pair.path)) else {
                continue;
            };
            if let Ok(Some(held)) = self.root.held(&path) {
                new.insert(pair.path.clone(), held.bytes);
            }
        }
        compare::difference(self.root, &pairs, (&old, &new), declared)
    }

    /// Paths that are other now than in `before`, safe to show, without a look at what they hold: a file that was written
    /// anew with the same bytes is among them.
    pub fn touched(&self, before: &Snapshot) -> Result<Vec<String>, Failure> {
        let (one, other) = (self.list(before)?, List::walk(self.root)?);
        let pairs = compare::suspects(&one, &other, self.own().as_deref());
        let folder = |entry: Option<Entry>| entry.is_none_or(|entry| entry.kind == Kind::Folder);
        let files = pairs
            .iter()
            .filter(|pair| !(folder(pair.before) && folder(pair.after)));
        Ok(files
            .map(|pair| compare::shown(&pair.path).into_owned())
            .collect())
    }

    /// Puts a difference back, all or nothing: every change of it must still be there as it was found (exit 11).
    /// `session` is a part of the names of temporary files. Folders that came go where they are empty then.
    pub fn restore(&self, difference: &Difference, session: &str) -> Result<(), Failure> {
        let changes: Vec<_> = difference
            .changes
            .iter()
            .map(super::super::Change::reversed)
            .collect();
        put_back(self.root, &changes, &difference.folders, session)
    }

    /// A difference that is in the tree already, as it goes on record ([`Record::Made`](crate::state::Record)), so that a
    /// rollback finds it; the bytes of both sides are kept as blobs.
    pub fn witness(&self, difference: &Difference) -> Result<Vec<Planned>, Failure> {
        let mut folders = difference.folders.clone();
        let mut planned = Vec::new();
        let targets = || difference.changes.iter().flat_map(super::super::Change::targets);
        let sides = targets().flat_map(|target| [target.before, target.after]);
        self.blobs.put_many(sides.flatten())?;
        for target in targets() {
            let above: Vec<&str> = target.path.folders().collect();
            let (made, rest) = folders
                .into_iter()
                .partition(|folder: &RelativePath| above.contains(&folder.as_str()));
            folders = rest;
            planned.push(planned::of_target(&target, made));
        }
        if let Some(first) = planned.first_mut() {
            // Folders that were made for nothing.
            first.folders.extend(folders);
        }
        Ok(planned)
    }

    /// Takes away the refs of a step's snapshots but the last one; says in words why it cannot.
    pub fn prune(&self, step: &str) -> Result<(), String> {
        let git = self.git()?;
        let number = |name: &String| {
            let last = name.rsplit('/').next().unwrap_or_default();
            last.parse::<u64>().unwrap_or(0)
        };
        let mut names = git.names(&self.reference(&format!("{step}/")))?;
        names.sort_by_key(number);
        names.pop();
        names.iter().try_for_each(|name| git.forget(name))
    }

    fn git(&self) -> Result<Git, String> {
        Git::find(self.root.path(), &self.state.join("git"))
    }

    fn reference(&self, name: &str) -> String {
        let plan = self.state.file_name().unwrap_or_default().to_string_lossy();
        format!("refs/stepgate/{plan}/{name}")
    }

    fn commit(&self, list: &List, name: &str) -> Result<String, String> {
        let git = self.git()?;
        let mut apart = list.apart.clone();
        apart.extend(self.own());
        let commit = git.commit(&apart, list.is_as_is())?;
        git.name(&self.reference(name), &commit)?;
        Ok(commit)
    }

    /// The state of all plans, where it is beneath the root: nothing of it is the tree's.
    fn own(&self) -> Option<Vec<u8>> {
        beneath(self.root, self.state.parent()?)
    }

    /// The bytes of files that git does not hold, one after the other: those nearest to the root first, then the smallest,
    /// up to the limits.
    fn pack(
        &self,
        list: &mut List,
        commit: Option<&str>,
        without: &mut Vec<String>,
    ) -> Result<Vec<u8>, Failure> {
        let covered = match commit.map(|commit| self.git().and_then(|git| git.objects(commit))) {
            None => BTreeMap::new(),
            Some(Ok(objects)) => objects,
            Some(Err(why)) => {
                without.push(why);
                BTreeMap::new()
            }
        };
        let own = self.own();
        let mut wanted: Vec<(&Vec<u8>, &mut Entry)> = list
            .entries
            .iter_mut()
            .filter(|(path, entry)| {
                matches!(entry.kind, Kind::File | Kind::Link)
                    && !covered.contains_key(*path)
                    && !compare::is_within(path, own.as_deref())
            })
            .collect();
        wanted.sort_by_key(|(path, entry)| {
            let depth = path.iter().filter(|byte| **byte == b'/').count();
            (depth, entry.size)
        });
        let (mut pack, mut kept, mut left) = (Vec::new(), 0, Vec::new());
        for (path, entry) in wanted {
            let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
            let fits = entry.size <= FILE_LIMIT && kept < COUNT_LIMIT && size <= PACK_LIMIT - pack.len();
            let held = compare::readable(path)
                .filter(|_| fits)
                .and_then(|path| self.root.held(&path).ok().flatten());
            match held.filter(|held| held.bytes.len() == size) {
                Some(held) => {
                    entry.packed = Some(pack.len() as u64);
                    pack.extend_from_slice(&held.bytes);
                    kept += 1;
                }
                None => left.push(compare::shown(path).into_owned()),
            }
        }
        if let Some(first) = left.first() {
            let files = match left.len() {
                1 => format!("`{first}` is"),
                count => format!("`{first}` and {} more files are", count - 1),
            };
            without.push(format!(
                "{files} listed only, and cannot be put back if the step changes them"
            ));
        }
        Ok(pack)
    }

    fn list(&self, snapshot: &Snapshot) -> Result<List, Failure> {
        List::of_bytes(&self.blobs.get(&snapshot.list)?)
    }

    /// The bytes that a snapshot holds of the files in question. One that it holds otherwise than it was is left out: git
    /// may have had it converted since long before.
    fn contents(
        &self,
        snapshot: &Snapshot,
        list: &List,
        pairs: &[compare::Pair],
    ) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, Failure> {
        let mut found = BTreeMap::new();
        let pack = match &snapshot.pack {
            Some(pack) => self.blobs.get(pack)?,
            None => Vec::new(),
        };
        let mut others = Vec::new();
        for pair in pairs {
            let Some(entry) = list.entries.get(&pair.path) else {
                continue;
            };
            let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
            let at = entry.packed.and_then(|at| usize::try_from(at).ok());
            match at.and_then(|at| pack.get(at..at.checked_add(size)?)) {
                Some(bytes) => {
                    found.insert(pair.path.clone(), bytes.to_vec());
                }
                None if matches!(entry.kind, Kind::File | Kind::Link) => others.push((&pair.path, size)),
                None => {}
            }
        }
        let Some(commit) = snapshot.commit.as_ref().filter(|_| !others.is_empty()) else {
            return Ok(found);
        };
        let failed = |why: String| {
            Failure::new(crate::words::Exit::LocalIo, "snapshot", why)
                .help("nothing was changed; what the snapshot held is not known")
        };
        let git = self.git().map_err(failed)?;
        let objects = git.objects(commit).map_err(failed)?;
        let (others, names): (Vec<_>, Vec<_>) = others
            .into_iter()
            .filter_map(|other| Some((other, objects.get(other.0)?.clone())))
            .unzip();
        let contents = git.contents(&names).map_err(failed)?;
        for ((path, size), bytes) in others.into_iter().zip(contents) {
            if let Some(bytes) = bytes.filter(|bytes| bytes.len() == size) {
                found.insert(path.clone(), bytes);
            }
        }
        Ok(found)
    }
}

impl Root {
    /// Takes away a folder that is empty; one that is not, or is none, is somebody's. Fails with exit 9 when the disk says no.
    pub(in crate::tree) fn remove_if_empty(&self, folder: &RelativePath) -> Result<bool, Failure> {
        let Ok(Some(above)) = self.folder_of(folder) else {
            return Ok(false);
        };
        let removed = disk::remove_folder(&above, folder.name());
        let removed = removed.map_err(|error| self.failed("take away the folder", folder, error))?;
        if removed {
            let synced = disk::sync(&above);
            synced.map_err(|error| self.failed("sync the folder of", folder, error))?;
        }
        Ok(removed)
    }
}
