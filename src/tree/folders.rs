use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::rc::Rc;

use rustix::fs::FileType;
use rustix::process::{Resource, getrlimit};

use super::disk::{self, Held, Inode};
use super::root::{SIZE_LIMIT, refused};
use super::unreached::{Refusal, Unreached};
use super::{RelativePath, Root};
use crate::words::Failure;

/// The folders that one pass over many files has to do with, each opened once, beneath the root and through no link.
///
/// A handle stays with its folder when somebody moves that: whoever writes looks again whether the path still leads there.
pub(super) struct Folders<'a> {
    pub(super) root: &'a Root,
    open: HashMap<String, Rc<Folder>>,
    room: usize,
    /// What our own files are, looked at once a pass.
    own: Option<Vec<Inode>>,
}

/// A folder that is open.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) handle: OwnedFd,
    pub(super) inode: Inode,
}

/// Handles that one piece of work may have open. A process may have 256 files open on one system and a million on the
/// next; others are open too.
fn room() -> usize {
    let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(most / 2).unwrap_or(usize::MAX).min(1_024)
}

impl<'a> Folders<'a> {
    pub(super) fn new(root: &'a Root) -> Self {
        Self::with_room(root, room())
    }

    /// With so many handles at most.
    pub(super) fn with_room(root: &'a Root, room: usize) -> Self {
        Self {
            root,
            open: HashMap::new(),
            room,
            own: None,
        }
    }

    /// The folder that a path's last name is in, when it is there.
    pub(super) fn of(&mut self, path: &RelativePath) -> Result<Option<Rc<Folder>>, Unreached> {
        let name = path.folders().last().unwrap_or_default();
        if let Some(folder) = self.open.get(name) {
            return Ok(Some(Rc::clone(folder)));
        }
        let Some(handle) = self.root.folder_of(path)? else {
            return Ok(None);
        };
        Ok(Some(self.keep(path, handle)?))
    }

    /// Keeps the handle of the folder that a path's last name is in.
    pub(super) fn keep(&mut self, path: &RelativePath, handle: OwnedFd) -> Result<Rc<Folder>, Failure> {
        let found = rustix::fs::fstat(&handle);
        let found = found.map_err(|error| self.root.failed("look at the folder of", path, error))?;
        let folder = Rc::new(Folder {
            handle,
            inode: Inode::of(&found),
        });
        if self.open.len() >= self.room {
            self.open.clear();
        }
        let name = path.folders().last().unwrap_or_default();
        self.open.insert(name.to_owned(), Rc::clone(&folder));
        Ok(folder)
    }

    /// What is at a path, as [`Root::held`].
    pub(super) fn held(&mut self, path: &RelativePath) -> Result<Option<Held>, Unreached> {
        let Some(folder) = self.of(path)? else {
            return Ok(None);
        };
        disk::held(&folder.handle, path.name(), SIZE_LIMIT)
            .map_err(|problem| self.root.unreadable(path, &problem))
    }

    /// Takes a path that a model wrote for one of the tree, as [`Root::admit`].
    pub(super) fn admit(&mut self, path: &str) -> Result<RelativePath, Failure> {
        let admitted = RelativePath::parse(path).map_err(|problem| refused(path, &problem.to_string()))?;
        self.disown(&admitted)?;
        let found = match self.of(&admitted)? {
            Some(folder) => disk::stat(&folder.handle, admitted.name()),
            None => Ok(None),
        };
        let found = found.map_err(|error| self.root.failed("look at", &admitted, error))?;
        if let Some(found) = found {
            self.check(
                &admitted,
                FileType::from_raw_mode(found.st_mode),
                Inode::of(&found),
            )?;
        } else if let Some(why) = admitted.foreign_to_windows() {
            // One that is there was given its name by somebody else.
            return Err(refused(path, why));
        }
        Ok(admitted)
    }

    /// Looks again at what a path leads to, and tells what that is.
    pub(super) fn admit_again(&mut self, path: &RelativePath) -> Result<Option<Held>, Unreached> {
        self.disown(path)?;
        let held = self.held(path)?;
        if let Some(held) = &held {
            let kind = if held.link {
                FileType::Symlink
            } else {
                FileType::RegularFile
            };
            self.check(path, kind, held.inode)?;
        }
        Ok(held)
    }

    /// Refuses a path that is, by its text, one of our own.
    fn disown(&self, path: &RelativePath) -> Result<(), Refusal> {
        if self.root.owns(path) {
            let why = "it belongs to the plan, its documents or stepgate's state";
            return Err(Refusal::new(path.as_str(), why));
        }
        Ok(())
    }

    fn check(&mut self, path: &RelativePath, kind: FileType, inode: Inode) -> Result<(), Refusal> {
        if kind != FileType::RegularFile {
            let why = format!("it is {}", disk::kind_name(kind));
            return Err(Refusal::new(path.as_str(), why));
        }
        let own = self.own.get_or_insert_with(|| {
            let found = self.root.own_paths.iter().flat_map(std::fs::metadata);
            found.map(|found| Inode::new(found.dev(), found.ino())).collect()
        });
        if own.contains(&inode) {
            let why = "it is the plan, a document of it or stepgate's state by another name";
            return Err(Refusal::new(path.as_str(), why));
        }
        Ok(())
    }
}

impl Root {
    /// Takes a path that a model wrote for one of the tree.
    ///
    /// Fails with exit 8 when it is not beneath the root by its text, when a part of it is a link or no folder, when it
    /// leads to a folder, a device or the like, and when it is one of our own files. A file that is not there is fine,
    /// unless no file of its name can be on Windows.
    pub fn admit(&self, path: &str) -> Result<RelativePath, Failure> {
        Folders::new(self).admit(path)
    }
}
