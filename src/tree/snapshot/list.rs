use std::collections::BTreeMap;
use std::os::fd::OwnedFd;

use rustix::fs::{FileType, Stat};
use rustix::io::Errno;

use super::super::root::SIZE_LIMIT;
use super::super::{Root, disk};
use crate::words::{Exit, Failure};

/// Everything beneath the root at one moment, by path; the bytes of a path are what the file system has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct List {
    pub(super) entries: BTreeMap<Vec<u8>, Entry>,
    /// Folders that are repositories of their own, and files past the limit: git is not to take them.
    pub(super) apart: Vec<Vec<u8>>,
    /// When it was begun, in nanoseconds by the clock of the file system.
    pub(super) begun: i64,
}

/// One path: what `lstat` says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// Permission bits.
    pub(super) mode: u32,
    pub(super) size: u64,
    /// Time of the last change to the bytes, and to anything, in nanoseconds; and the inode.
    pub(super) stamps: [i64; 3],
    /// Where its bytes are in the pack, where they are.
    pub(super) packed: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Link,
    Folder,
    /// A fifo, a socket, a device.
    Other,
}

/// A change within this time of the list may carry the same time stamps: clocks of file systems tick slowly.
const TICK: i64 = 50_000_000;

impl Entry {
    fn of(stat: &Stat) -> Self {
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Symlink => Kind::Link,
            FileType::Directory => Kind::Folder,
            _ => Kind::Other,
        };
        // What the rest is of differs from system to system.
        fn nanoseconds(seconds: i64, rest: impl TryInto<i64>) -> i64 {
            let rest = rest.try_into().unwrap_or(0);
            seconds.saturating_mul(1_000_000_000).saturating_add(rest)
        }
        Self {
            kind,
            mode: stat.st_mode & 0o7777,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            stamps: [
                nanoseconds(stat.st_mtime, stat.st_mtime_nsec),
                nanoseconds(stat.st_ctime, stat.st_ctime_nsec),
                stat.st_ino.cast_signed(),
            ],
            packed: None,
        }
    }

    /// Whether the two say that nothing was done between them; `begun` is when the first list was.
    pub(super) fn is_untouched(&self, later: &Self, begun: i64) -> bool {
        let same = (self.kind, self.mode) == (later.kind, later.mode);
        if self.kind == Kind::Folder {
            return same;
        }
        let old = self.stamps[1] < begun - TICK;
        same && old && self.size == later.size && self.stamps == later.stamps
    }
}

impl List {
    /// Walks the tree, following no link and going into no `.git`.
    pub(super) fn walk(root: &Root) -> Result<Self, Failure> {
        let mut list = Self {
            begun: i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(0),
            ..Self::default()
        };
        let handle = rustix::io::fcntl_dupfd_cloexec(&root.handle, 0)
            .map_err(|error| Failure::io("look into", root.path(), &error.into()))?;
        list.folder(root, &handle, &mut Vec::new())?;
        Ok(list)
    }

    fn folder(&mut self, root: &Root, handle: &OwnedFd, path: &mut Vec<u8>) -> Result<(), Failure> {
        let failed = |path: &[u8], error: Errno| {
            let shown = root.path().join(String::from_utf8_lossy(path).as_ref());
            Failure::io("look into", &shown, &error.into())
        };
        let length = path.len();
        for entry in disk::names(handle).map_err(|error| failed(path, error))? {
            let entry = entry.map_err(|error| failed(path, error))?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            if name.to_bytes() == b".git" {
                if length > 0 {
                    self.apart.push(path.clone());
                }
                continue;
            }
            let stat = match rustix::fs::statat(handle, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                // Gone since it was named.
                Err(Errno::NOENT) => continue,
                Err(error) => return Err(failed(path, error)),
            };
            if length > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(name.to_bytes());
            let found = Entry::of(&stat);
            self.entries.insert(path.clone(), found);
            if found.kind == Kind::File && found.size > SIZE_LIMIT {
                self.apart.push(path.clone());
            }
            if found.kind == Kind::Folder {
                match disk::open_folder(handle, name) {
                    Ok(below) => self.folder(root, &below, path)?,
                    // Gone, replaced, or closed to us: nothing of it is known, and nothing of it is put back.
                    Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::ACCESS) => {}
                    Err(error) => return Err(failed(path, error)),
                }
            }
            path.truncate(length);
        }
        Ok(())
    }

    /// Whether no file of attributes is there: nothing in the tree asks git for a conversion.
    pub(super) fn is_as_is(&self) -> bool {
        let attributes = |path: &Vec<u8>| path == b".gitattributes" || path.ends_with(b"/.gitattributes");
        !self.entries.keys().any(attributes)
    }

    /// What is at these paths and in these folders, and no time: equal where nothing was done to them.
    pub(super) fn part(&self, paths: &[Vec<u8>]) -> Self {
        let mut part = Self::default();
        let of = |path: &&[u8]| paths.iter().any(|wanted| wanted == path);
        for (path, entry) in &self.entries {
            let above = memchr::memchr_iter(b'/', path).map(|at| &path[..at]);
            if above.chain([&path[..]]).any(|path| of(&path)) {
                part.entries.insert(path.clone(), *entry);
            }
        }
        part
    }

    /// The list as bytes: a line for when it was begun, then a line a path, each ended by a NUL.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        use std::io::Write as _;
        let mut bytes = Vec::with_capacity(self.entries.len() * 96);
        // Writing to a vector cannot fail.
        let _ = write!(bytes, "{}\0", self.begun);
        for (path, entry) in &self.entries {
            let kind = match entry.kind {
                Kind::File => 'f',
                Kind::Link => 'l',
                Kind::Folder => 'd',
                Kind::Other => 'o',
            };
            let [modified, changed, inode] = entry.stamps;
            let _ = write!(
                bytes,
                "{kind} {:o} {} {modified} {changed} {inode} ",
                entry.mode, entry.size
            );
            if let Some(at) = entry.packed {
                let _ = write!(bytes, "{at}");
            }
            bytes.push(b' ');
            bytes.extend_from_slice(path);
            bytes.push(0);
        }
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    pub(super) fn of_bytes(bytes: &[u8]) -> Result<Self, Failure> {
        let damaged = || {
            Failure::new(
                Exit::LocalIo,
                "damaged-snapshot",
                "the list of a snapshot is damaged",
            )
        };
        let mut lines = bytes.split(|byte| *byte == 0);
        let begun = lines.next().and_then(|line| std::str::from_utf8(line).ok());
        let mut list = Self {
            begun: begun.and_then(|text| text.parse().ok()).ok_or_else(damaged)?,
            ..Self::default()
        };
        for line in lines.filter(|line| !line.is_empty()) {
            let (path, entry) = entry_of(line).ok_or_else(damaged)?;
            list.entries.insert(path, entry);
        }
        Ok(list)
    }
}

fn entry_of(line: &[u8]) -> Option<(Vec<u8>, Entry)> {
    let mut parts = line.splitn(8, |byte| *byte == b' ');
    let mut text = || std::str::from_utf8(parts.next()?).ok();
    let kind = match text()? {
        "f" => Kind::File,
        "l" => Kind::Link,
        "d" => Kind::Folder,
        "o" => Kind::Other,
        _ => return None,
    };
    let entry = Entry {
        kind,
        mode: u32::from_str_radix(text()?, 8).ok()?,
        size: text()?.parse().ok()?,
        stamps: [
            text()?.parse().ok()?,
            text()?.parse().ok()?,
            text()?.parse().ok()?,
        ],
        packed: text().filter(|at| !at.is_empty()).and_then(|at| at.parse().ok()),
    };
    Some((parts.next()?.to_vec(), entry))
}
