use std::collections::HashSet;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Mode, RenameFlags, linkat, mkdirat, openat, renameat, renameat_with, unlinkat};
use rustix::io::Errno;

use super::change::Target;
use super::root::SIZE_LIMIT;
use super::{Change, RelativePath, Root, disk};
use crate::crash;
use crate::words::{Exit, Failure};

/// Fails, and does nothing, when a target is no longer what it was when its change was shown (exit 11), or is one that is not
/// followed (exit 8).
pub fn unchanged(root: &Root, changes: &[Change]) -> Result<(), Failure> {
    let mut targets = changes.iter().flat_map(Change::targets);
    targets.try_for_each(|target| {
        if target.link.none() {
            root.check(target.path)?;
        }
        compare(root, &target)
    })
}

/// Writes all changes or none.
///
/// Every file is written beside its target first, so that a full disk shows before any target is touched; then each
/// target is compared with what it was when the change was shown, and replaced or taken away. Folders stay. `session` is part of the names of the
/// files beside, so that a [recovery](super::recover) knows its own. Fails with exit 11 when a target has changed, with
/// exit 9 when the disk says no; then everything is as it was.
pub fn apply(root: &Root, changes: &[Change], session: &str) -> Result<(), Failure> {
    apply_watched(root, changes, session, &mut |_| {
        crash::point();
        Ok(())
    })
}

/// As [`apply`], for changes that put something back: our own files may be among them, for an agent may have written
/// there.
pub(super) fn put_back_all(root: &Root, changes: &[Change], session: &str) -> Result<(), Failure> {
    run(root, changes, session, &mut |_| {
        crash::point();
        Ok(())
    })
}

/// Moments of an apply, for tests that fail or crash in each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    FolderMade,
    Written,
    Backed,
    Replaced,
    AllReplaced,
}

/// What a test makes of a moment.
#[derive(Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "only tests stop an apply"))]
pub(super) enum Stop {
    /// As if the disk had failed.
    Fails(Errno),
    /// As if the process had been killed: nothing is tidied.
    Crashes,
}

pub(super) type Watcher<'a> = &'a mut dyn FnMut(Moment) -> Result<(), Stop>;

pub(super) fn apply_watched(
    root: &Root,
    changes: &[Change],
    session: &str,
    watch: Watcher<'_>,
) -> Result<(), Failure> {
    for target in changes
        .iter()
        .flat_map(Change::targets)
        .filter(|target| target.link.none())
    {
        root.check(target.path)?;
    }
    run(root, changes, session, watch)
}

fn run(root: &Root, changes: &[Change], session: &str, watch: Watcher<'_>) -> Result<(), Failure> {
    // The cheap answer first: nothing is written when a target is already another.
    let targets: Vec<Target<'_>> = changes.iter().flat_map(Change::targets).collect();
    for target in &targets {
        compare(root, target)?;
    }
    let mut work = Work {
        root,
        session: session_name(session),
        made: Vec::new(),
        slots: Vec::new(),
    };
    match work.run(&targets, watch) {
        Ok(()) => {
            work.tidy();
            Ok(())
        }
        Err(Trouble::Crash) => Err(Failure::new(Exit::LocalIo, "crash", "crashed")),
        Err(Trouble::Failed(failure)) => Err(work.undo(&targets, failure)),
    }
}

/// Fails with exit 11 when a file is no longer what it was when its change was shown.
fn compare(root: &Root, target: &Target<'_>) -> Result<(), Failure> {
    let held = root.held(target.path)?;
    if is_before(held.as_ref(), target) {
        return Ok(());
    }
    Err(changed(target))
}

fn is_before(held: Option<&disk::Held>, target: &Target<'_>) -> bool {
    match (held, target.before) {
        (None, None) => true,
        (Some(held), Some(before)) => held.is(before, target.link.before),
        _ => false,
    }
}

/// Makes the file or the link that a target is to be, or was, by a name beside it.
fn create(folder: &OwnedFd, name: &str, what: (&[u8], bool), mode: Option<u32>) -> Result<(), Errno> {
    match what {
        (leads, true) => disk::link(folder, name, leads),
        (bytes, false) => disk::create(folder, name, bytes, mode),
    }
}

fn changed(target: &Target<'_>) -> Failure {
    let message = format!(
        "`{}` was changed by someone else after its change was shown",
        target.path
    );
    Failure::new(Exit::Changed, "tree-changed", message).help("run again to see the change as it is now")
}

/// What names of files beside begin with.
pub(super) fn prefix(session: &str) -> String {
    format!(".stepgate-{}-", session_name(session))
}

fn session_name(session: &str) -> String {
    session
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// A name beside a target that nobody else has.
pub(super) fn beside(session: &str) -> String {
    format!("{}{:016x}", prefix(session), fastrand::u64(..))
}

enum Trouble {
    Crash,
    Failed(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// One target on its way.
struct Slot {
    folder: OwnedFd,
    /// The new bytes, beside the target, until they replace it.
    fresh: Option<String>,
    /// The old file by another name, so that undoing needs no space.
    backup: Option<String>,
    /// Whether the target is as it shall be.
    replaced: bool,
}

impl Slot {
    fn new(folder: OwnedFd, fresh: Option<String>) -> Self {
        Self {
            folder,
            fresh,
            backup: None,
            replaced: false,
        }
    }
}

struct Work<'a> {
    root: &'a Root,
    session: String,
    /// Folders that were made: the handle they are in, and their name.
    made: Vec<(OwnedFd, String)>,
    slots: Vec<Slot>,
}

impl Work<'_> {
    fn run(&mut self, targets: &[Target<'_>], watch: Watcher<'_>) -> Result<(), Trouble> {
        for target in targets {
            let Some(after) = target.after else {
                // A file that is to go has its folder, or it is no longer there.
                let folder = self.root.folder_of(target.path)?;
                let folder = folder.ok_or_else(|| changed(target))?;
                self.slots.push(Slot::new(folder, None));
                continue;
            };
            let folder = self.make_folders(target.path, watch)?;
            let name = beside(&self.session);
            let written = create(&folder, &name, (after, target.link.after), target.new_mode());
            // Kept even when it failed: what is there must be removed.
            self.slots.push(Slot::new(folder, Some(name)));
            written.map_err(|error| self.root.failed("write", target.path, error))?;
            self.ask(watch, Moment::Written, target.path)?;
        }
        for (index, target) in targets.iter().enumerate() {
            self.replace(index, target, watch)?;
        }
        // A folder is synced once, however many files of it changed.
        let mut synced = HashSet::new();
        for (slot, target) in self.slots.iter().zip(targets) {
            let failed = |error| self.root.failed("sync the folder of", target.path, error);
            let found = rustix::fs::fstat(&slot.folder).map_err(failed)?;
            if synced.insert((found.st_dev, found.st_ino)) {
                rustix::fs::fsync(&slot.folder).map_err(failed)?;
            }
            self.ask(watch, Moment::AllReplaced, target.path)?;
        }
        Ok(())
    }

    fn ask(&self, watch: Watcher<'_>, moment: Moment, path: &RelativePath) -> Result<(), Trouble> {
        watch(moment).map_err(|stop| match stop {
            Stop::Crashes => Trouble::Crash,
            Stop::Fails(error) => Trouble::Failed(self.root.failed("write", path, error)),
        })
    }

    fn make_folders(&mut self, path: &RelativePath, watch: Watcher<'_>) -> Result<OwnedFd, Trouble> {
        let failed = |error| Trouble::Failed(self.root.failed("make the folder of", path, error));
        let mut handle = rustix::io::fcntl_dupfd_cloexec(&self.root.handle, 0).map_err(failed)?;
        for folder in path.folders() {
            let name = folder.rsplit('/').next().unwrap_or(folder);
            match mkdirat(&handle, name, Mode::from_raw_mode(0o777)) {
                Ok(()) => {
                    let above = rustix::io::fcntl_dupfd_cloexec(&handle, 0).map_err(failed)?;
                    self.made.push((above, name.to_owned()));
                    rustix::fs::fsync(&handle).map_err(failed)?;
                    self.ask(watch, Moment::FolderMade, path)?;
                }
                Err(Errno::EXIST) => {}
                Err(error) => return Err(failed(error)),
            }
            handle = openat(&handle, name, disk::folder_flags(), Mode::empty()).map_err(failed)?;
        }
        Ok(handle)
    }

    fn replace(&mut self, index: usize, target: &Target<'_>, watch: Watcher<'_>) -> Result<(), Trouble> {
        let failed = |error| Trouble::Failed(self.root.failed("write", target.path, error));
        let name = target.path.name();
        if target.before.is_some() {
            let backup = beside(&self.session);
            let slot = &mut self.slots[index];
            // A file system without hard links has no backup: undoing writes the bytes then.
            if linkat(&slot.folder, name, &slot.folder, &backup, AtFlags::empty()).is_ok() {
                slot.backup = Some(backup);
            }
            self.ask(watch, Moment::Backed, target.path)?;
        }
        // By the handle that the rename goes by; and the handle must still be where the path leads.
        let folder = &self.slots[index].folder;
        let now = self.root.folder_of(target.path)?;
        let same = now.is_some_and(|now| disk::is_same(&now, folder));
        let found = disk::held(folder, name, SIZE_LIMIT);
        if !same || !found.is_ok_and(|found| is_before(found.as_ref(), target)) {
            return Err(changed(target).into());
        }
        let moved = match self.slots[index].fresh.as_deref() {
            None => unlinkat(folder, name, AtFlags::empty()),
            Some(fresh) if target.before.is_some() => renameat(folder, fresh, folder, name),
            Some(fresh) => rename_to_nothing(folder, fresh, name),
        };
        moved.map_err(failed)?;
        let slot = &mut self.slots[index];
        slot.fresh = None;
        slot.replaced = true;
        self.ask(watch, Moment::Replaced, target.path)
    }

    /// Takes away what is beside the targets.
    fn tidy(&mut self) {
        for slot in &mut self.slots {
            for name in [slot.fresh.take(), slot.backup.take()].into_iter().flatten() {
                let _ = unlinkat(&slot.folder, &*name, AtFlags::empty());
            }
        }
    }

    /// Puts everything back, the last first, and tells in the failure what could not be put back.
    fn undo(&mut self, targets: &[Target<'_>], mut failure: Failure) -> Failure {
        for (slot, target) in self.slots.iter_mut().zip(targets).rev() {
            if slot.replaced
                && let Err(error) = put_back(slot, target, &self.session)
            {
                let more = self.root.failed("put back", target.path, error);
                failure.diagnostics.extend(more.diagnostics);
            }
        }
        self.tidy();
        for (above, name) in self.made.drain(..).rev() {
            // Somebody else's file in it keeps the folder.
            let _ = unlinkat(&above, &*name, AtFlags::REMOVEDIR);
        }
        failure
    }
}

/// Gives a file a name that nobody has taken.
fn rename_to_nothing(folder: &OwnedFd, from: &str, to: &str) -> Result<(), Errno> {
    match renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE) {
        // Not every file system knows the flag; it was compared just now.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => renameat(folder, from, folder, to),
        done => done,
    }
}

fn put_back(slot: &mut Slot, target: &Target<'_>, session: &str) -> Result<(), Errno> {
    let name = target.path.name();
    let Some(bytes) = target.before else {
        unlinkat(&slot.folder, name, AtFlags::empty())?;
        return rustix::fs::fsync(&slot.folder);
    };
    let old = match slot.backup.take() {
        Some(backup) => backup,
        None => {
            let fresh = beside(session);
            slot.fresh = Some(fresh.clone());
            create(&slot.folder, &fresh, (bytes, target.link.before), target.mode)?;
            fresh
        }
    };
    match target.after {
        Some(_) => renameat(&slot.folder, &*old, &slot.folder, name)?,
        // Somebody may have made a file where ours was: theirs stays.
        None => rename_to_nothing(&slot.folder, &old, name)?,
    }
    slot.fresh = None;
    rustix::fs::fsync(&slot.folder)
}
