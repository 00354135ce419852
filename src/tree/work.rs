use std::collections::HashSet;
use std::rc::Rc;

use rustix::fs::{AtFlags, Mode, linkat, mkdirat, renameat};
use rustix::io::Errno;

use super::beside::beside;
use super::change::Target;
use super::disk::{Held, Inode};
use super::folders::{Folder, Folders};
use super::meanwhile::{changed, since};
use super::moment::{Moment, Stop, Watcher};
use super::root::SIZE_LIMIT;
use super::slot::{self, Slot};
use super::swap::{Swap, exchange, rename_to_nothing, take_away};
use super::{Change, RelativePath, disk};
use crate::words::{Exit, Failure};

/// So many files are waited for one by one, for the whole file system may have much else to write.
const FEW: usize = 8;

enum Trouble {
    Crash,
    Failed(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Changes on their way into the tree, all or none.
pub(super) struct Work<'a> {
    folders: Folders<'a>,
    session: String,
    /// Whether the file system gives two files each other's names.
    pub(super) swaps: bool,
    /// Folders that were made, outermost first.
    made: Vec<RelativePath>,
    slots: Vec<Slot>,
}

impl<'a> Work<'a> {
    pub(super) fn new(folders: Folders<'a>, session: &str) -> Self {
        Self {
            folders,
            session: session.to_owned(),
            swaps: true,
            made: Vec::new(),
            slots: Vec::new(),
        }
    }

    /// Makes them, or puts everything back. Gives what could not be taken away of our own, where all was written.
    pub(super) fn all(mut self, changes: &[Change], watch: Watcher<'_>) -> Result<Option<Failure>, Failure> {
        let targets: Vec<Target<'_>> = changes.iter().flat_map(Change::targets).collect();
        match self.run(&targets, watch) {
            Ok(()) => Ok(self.tidy(&targets).err()),
            Err(Trouble::Crash) => Err(Failure::new(Exit::LocalIo, "crash", "crashed")),
            Err(Trouble::Failed(failure)) => Err(self.undo(&targets, failure)),
        }
    }

    fn run(&mut self, targets: &[Target<'_>], watch: Watcher<'_>) -> Result<(), Trouble> {
        self.write_beside(targets, watch)?;
        for (index, target) in targets.iter().enumerate() {
            self.replace(index, target, watch)?;
        }
        // A folder is synced once, however many files of it changed.
        let mut synced = HashSet::new();
        let paths = targets.iter().map(|target| target.path.clone());
        for path in paths.chain(self.made.clone()) {
            let folder = self.folders.of(&path).map_err(|why| since(why, &path))?;
            let Some(folder) = folder else {
                continue;
            };
            if synced.insert(folder.inode) {
                let failed = |error| self.folders.root.failed("sync the folder of", &path, error);
                disk::sync(&folder.handle).map_err(failed)?;
                self.ask(watch, Moment::AllReplaced, &path)?;
            }
        }
        Ok(())
    }

    /// Writes the new files beside their targets, durably before it returns.
    fn write_beside(&mut self, targets: &[Target<'_>], watch: Watcher<'_>) -> Result<(), Trouble> {
        let many = targets.iter().filter(|target| target.after.is_some()).count() > FEW;
        let at_once = many && disk::syncs_at_once();
        let mut systems = Vec::new();
        for target in targets {
            let failed = |error| self.folders.root.failed("write", target.path, error);
            let Some(after) = target.after else {
                // A file that is to go has its folder, or it is no longer there.
                let folder = self.folders.of(target.path);
                let folder = folder.map_err(|why| since(why, target.path))?;
                let folder = folder.ok_or_else(|| changed(target.path))?;
                self.slots.push(Slot::new(folder.inode, None));
                continue;
            };
            let folder = self.folders.of(target.path);
            let folder = match folder.map_err(|why| since(why, target.path))? {
                Some(folder) => folder,
                None => self.make_folders(target.path, watch)?,
            };
            if at_once && !systems.iter().any(|(device, _)| *device == folder.inode.device) {
                // Open before the first byte is written: what goes wrong from then on is told by it.
                systems.push((folder.inode.device, Rc::clone(&folder)));
            }
            let name = beside(&self.session);
            let written = if at_once && !target.link.after {
                disk::write_new(&folder.handle, &name, after, target.new_mode()).map(drop)
            } else {
                slot::create(
                    &folder.handle,
                    &name,
                    (after, target.link.after),
                    target.new_mode(),
                )
            };
            // Kept even when it failed: what is there must be removed.
            self.slots.push(Slot::new(folder.inode, Some(name)));
            written.map_err(failed)?;
            self.ask(watch, Moment::Written, target.path)?;
        }
        for (_, folder) in systems {
            let path = self.folders.root.path();
            let failed = |error: Errno| Failure::io("write into", path, &error.into());
            disk::sync_all_of(&folder.handle).map_err(failed)?;
        }
        Ok(())
    }

    fn ask(&self, watch: Watcher<'_>, moment: Moment, path: &RelativePath) -> Result<(), Trouble> {
        watch(moment).map_err(|stop| match stop {
            Stop::Crashes => Trouble::Crash,
            Stop::Fails(error) => Trouble::Failed(self.folders.root.failed("write", path, error)),
        })
    }

    fn make_folders(&mut self, path: &RelativePath, watch: Watcher<'_>) -> Result<Rc<Folder>, Trouble> {
        let root = self.folders.root;
        let failed = |error| Trouble::Failed(root.failed("make the folder of", path, error));
        let mut handle = rustix::io::fcntl_dupfd_cloexec(&root.handle, 0).map_err(failed)?;
        for folder in path.folders() {
            let name = folder.rsplit('/').next().unwrap_or(folder);
            match mkdirat(&handle, name, Mode::from_raw_mode(0o777)) {
                Ok(()) => {
                    self.made
                        .push(RelativePath::found(folder).map_err(Failure::from)?);
                    self.ask(watch, Moment::FolderMade, path)?;
                }
                Err(Errno::EXIST) => {}
                Err(error) => return Err(failed(error)),
            }
            handle = disk::open_folder(&handle, name).map_err(failed)?;
        }
        Ok(self.folders.keep(path, handle)?)
    }

    /// The folder that a slot is in, where its path still leads there or it is open still. Fails with exit 11 where it does
    /// not, with 9 where that cannot be told.
    fn folder(&mut self, index: usize, target: &Target<'_>) -> Result<Rc<Folder>, Failure> {
        let folder = self
            .folders
            .of(target.path)
            .map_err(|why| since(why, target.path))?;
        folder
            .filter(|folder| folder.inode == self.slots[index].folder)
            .ok_or_else(|| changed(target.path))
    }

    /// What is at a target: by the handle that it is replaced by, which must still be where the path leads. Fails with exit
    /// 11 when it is not what it was, with 9 when it cannot be read.
    fn as_before(&self, folder: &Folder, target: &Target<'_>) -> Result<Option<Held>, Failure> {
        let (root, handle) = (self.folders.root, &folder.handle);
        let held = match disk::held_by_both(&root.handle, handle, target.path, SIZE_LIMIT) {
            Some(held) => Some(held),
            None => {
                let failed = |error| root.failed("look at", target.path, error);
                let now = root
                    .folder_of(target.path)
                    .map_err(|why| since(why, target.path))?;
                let now = now.ok_or_else(|| changed(target.path))?;
                let now = rustix::fs::fstat(now).map_err(failed)?;
                if Inode::of(&now) != folder.inode {
                    return Err(changed(target.path));
                }
                match disk::held(handle, target.path.name(), SIZE_LIMIT) {
                    // That it cannot be read is nobody's doing.
                    Err(disk::ReadError::Io(error)) => return Err(failed(error)),
                    held => held.map_err(|_| changed(target.path))?,
                }
            }
        };
        if is_before(held.as_ref(), target) {
            Ok(held)
        } else {
            Err(changed(target.path))
        }
    }

    fn replace(&mut self, index: usize, target: &Target<'_>, watch: Watcher<'_>) -> Result<(), Trouble> {
        let name = target.path.name();
        let root = self.folders.root;
        let failed = |error| root.failed("write", target.path, error);
        let folder = self.folder(index, target)?;
        let found = self.as_before(&folder, target)?;
        let fresh = self.slots[index].fresh.take();
        let (swap, old) = match (fresh, found) {
            (Some(fresh), None) => {
                let moved = rename_to_nothing(&folder.handle, &fresh, name);
                let slot = &mut self.slots[index];
                slot.fresh = moved.is_err().then_some(fresh);
                slot.replaced = moved.is_ok();
                moved.map_err(|error| match error {
                    Errno::EXIST => changed(target.path),
                    error => failed(error),
                })?;
                return self.ask(watch, Moment::Replaced, target.path);
            }
            (Some(fresh), Some(found)) if self.swaps => {
                (exchange(&folder.handle, &fresh, name, found.inode), fresh)
            }
            (Some(fresh), Some(_)) => (Ok(Swap::Unknown), fresh),
            (None, found) => {
                let beside = beside(&self.session);
                let found = found.ok_or_else(|| changed(target.path))?;
                (take_away(&folder.handle, name, &beside, found.inode), beside)
            }
        };
        let slot = &mut self.slots[index];
        let back = || target.after.map(|_| old.clone());
        match swap {
            Ok(Swap::Done) => {
                slot.backup = Some(old);
                slot.replaced = true;
            }
            Ok(Swap::Foreign) => {
                slot.fresh = back();
                return Err(changed(target.path).into());
            }
            // Not ours to tidy away: it is somebody's only copy.
            Ok(Swap::Stuck(error)) => {
                let kept = format!("{name}.stepgate-kept-{:08x}", fastrand::u32(..));
                let moved = rename_to_nothing(&folder.handle, &old, &kept);
                let found = format!("what was there is `{}` beside it", moved.map_or(old, |()| kept));
                return Err(failed(error).found(found).into());
            }
            Ok(Swap::Unknown) => {
                slot.fresh = Some(old);
                self.swaps = false;
                return self.replace_linked(index, target, watch);
            }
            Err(error) => {
                slot.fresh = back();
                return Err(match error {
                    Errno::NOENT => changed(target.path),
                    error => failed(error),
                }
                .into());
            }
        }
        self.ask(watch, Moment::Replaced, target.path)
    }

    /// As [`replace`](Self::replace), where the file system cannot swap: the old file gets a second name first.
    fn replace_linked(
        &mut self,
        index: usize,
        target: &Target<'_>,
        watch: Watcher<'_>,
    ) -> Result<(), Trouble> {
        let name = target.path.name();
        let folder = self.folder(index, target)?;
        let backup = beside(&self.session);
        // A file system without hard links has no backup: undoing writes the bytes then.
        if linkat(&folder.handle, name, &folder.handle, &backup, AtFlags::empty()).is_ok() {
            self.slots[index].backup = Some(backup);
        }
        self.ask(watch, Moment::Backed, target.path)?;
        self.as_before(&folder, target)?;
        let slot = &mut self.slots[index];
        if let Some(fresh) = slot.fresh.as_deref() {
            let moved = renameat(&folder.handle, fresh, &folder.handle, name);
            moved.map_err(|error| self.folders.root.failed("write", target.path, error))?;
        }
        slot.fresh = None;
        slot.replaced = true;
        self.ask(watch, Moment::Replaced, target.path)
    }

    /// Takes away what is beside the targets: all that it can. Fails with the first that it cannot.
    fn tidy(&mut self, targets: &[Target<'_>]) -> Result<(), Failure> {
        let mut done = Ok(());
        for (index, target) in targets.iter().enumerate().take(self.slots.len()) {
            let slot = &mut self.slots[index];
            let names = [slot.fresh.take(), slot.backup.take()];
            if names.iter().flatten().next().is_none() {
                continue;
            }
            let removed = self.folder(index, target).and_then(|folder| {
                let failed = |error| self.folders.root.failed("tidy beside", target.path, error);
                let mut names = names.iter().flatten();
                names.try_for_each(|name| disk::remove_file(&folder.handle, &**name).map_err(failed))
            });
            done = done.and(removed);
        }
        done
    }

    /// Puts everything back, the last first, and tells in the failure what could not be put back.
    fn undo(&mut self, targets: &[Target<'_>], mut failure: Failure) -> Failure {
        for (index, target) in targets.iter().enumerate().take(self.slots.len()).rev() {
            if !self.slots[index].replaced {
                continue;
            }
            let back = match self.folder(index, target) {
                Ok(folder) => self.slots[index]
                    .put_back(&folder.handle, target, &self.session)
                    .map_err(|error| self.folders.root.failed("put back", target.path, error)),
                Err(_) => Err(self.folders.root.failed("put back", target.path, Errno::NOENT)),
            };
            if let Err(more) = back {
                failure.diagnostics.extend(more.diagnostics);
            }
        }
        // The next session knows them by their names.
        let _ = self.tidy(targets);
        for folder in self.made.drain(..).rev() {
            // Somebody else's file in it keeps the folder.
            let _ = self.folders.root.remove_if_empty(&folder);
        }
        failure
    }
}

pub(super) fn is_before(held: Option<&Held>, target: &Target<'_>) -> bool {
    match (held, target.before) {
        (None, None) => true,
        // Bits that somebody changed after they were shown are as much theirs as bytes.
        (Some(held), Some(before)) => {
            let bits = held.link || target.mode.is_none_or(|mode| (mode ^ held.mode) & 0o777 == 0);
            bits && held.is(before, target.link.before)
        }
        _ => false,
    }
}
