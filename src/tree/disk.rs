//! The few calls that touch the work tree, each by a handle of a folder and one name in it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, Stat, fchmod, fstat, openat, readlinkat, statat, symlinkat,
};
use rustix::io::Errno;

use super::RelativePath;

/// Why the folders above a file cannot be walked.
#[derive(Debug)]
pub(super) enum WalkError {
    /// This part is a symbolic link.
    Link(String),
    /// This part is something that holds no files.
    NotFolder(String),
    /// The system said no.
    Io(Errno),
}

/// Why a file cannot be read.
#[derive(Debug)]
pub(super) enum ReadError {
    Missing,
    Link,
    Kind(FileType),
    TooBig(u64),
    Io(Errno),
}

pub(super) fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

pub(super) fn open_root(path: &Path) -> Result<OwnedFd, Errno> {
    rustix::fs::open(path, folder_flags(), Mode::empty())
}

/// Opens the folder that a path's last name is in, one name at a time, following no link. `None` when it is not there.
pub(super) fn folder(root: &OwnedFd, path: &RelativePath) -> Result<Option<OwnedFd>, WalkError> {
    at_once(root, path).or_else(|_| walk(root, path))
}

/// The folder by one call that the system keeps beneath the root and away from links. An error where it does not come to
/// that, for whatever reason: the walk finds out.
#[cfg(target_os = "linux")]
fn at_once(root: &OwnedFd, path: &RelativePath) -> Result<Option<OwnedFd>, Errno> {
    use rustix::fs::{ResolveFlags, openat2};
    let folder = path.folders().last().ok_or(Errno::INVAL)?;
    let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match openat2(root, folder, folder_flags(), Mode::empty(), inside) {
        Ok(handle) => Ok(Some(handle)),
        // A link on the way, wherever it leads, has another error.
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(not(target_os = "linux"))]
fn at_once(_: &OwnedFd, _: &RelativePath) -> Result<Option<OwnedFd>, Errno> {
    Err(Errno::NOSYS)
}

fn walk(root: &OwnedFd, path: &RelativePath) -> Result<Option<OwnedFd>, WalkError> {
    let mut handle = rustix::io::fcntl_dupfd_cloexec(root, 0).map_err(WalkError::Io)?;
    for part in path.folders() {
        let name = part.rsplit('/').next().unwrap_or(part);
        match openat(&handle, name, folder_flags(), Mode::empty()) {
            Ok(next) => handle = next,
            Err(Errno::NOENT) => return Ok(None),
            Err(error @ (Errno::NOTDIR | Errno::LOOP)) => {
                // Which of the two a link gives differs from system to system.
                let kind = stat(&handle, name)
                    .ok()
                    .flatten()
                    .map(|stat| FileType::from_raw_mode(stat.st_mode));
                return Err(match kind {
                    Some(FileType::Symlink) => WalkError::Link(part.to_owned()),
                    Some(_) => WalkError::NotFolder(part.to_owned()),
                    None => WalkError::Io(error),
                });
            }
            Err(error) => return Err(WalkError::Io(error)),
        }
    }
    Ok(Some(handle))
}

/// Tells whether two handles are of one folder.
pub(super) fn is_same(one: &OwnedFd, other: &OwnedFd) -> bool {
    match (fstat(one), fstat(other)) {
        (Ok(one), Ok(other)) => (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino),
        _ => false,
    }
}

pub(super) fn stat(folder: impl AsFd, name: &str) -> Result<Option<Stat>, Errno> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a regular file of at most `limit` bytes. Does not block on a fifo, and does nothing to a device.
pub(super) fn read(folder: impl AsFd, name: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    // Opening a device can have an effect of its own: look first. What is opened is looked at again.
    let before = stat(&folder, name)
        .map_err(ReadError::Io)?
        .ok_or(ReadError::Missing)?;
    regular(&before)?;
    let file = match openat(&folder, name, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Err(ReadError::Missing),
        Err(Errno::LOOP) => return Err(ReadError::Link),
        Err(error) => return Err(ReadError::Io(error)),
    };
    let found = fstat(&file).map_err(ReadError::Io)?;
    regular(&found)?;
    let size = u64::try_from(found.st_size).unwrap_or(u64::MAX);
    if size > limit {
        return Err(ReadError::TooBig(size));
    }
    // With room for the end: one call reads it all, the next sees that there is no more.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
    let read = File::from(file).take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| ReadError::Io(Errno::from_io_error(&error).unwrap_or(Errno::IO)))?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooBig(bytes.len() as u64));
    }
    Ok(bytes)
}

fn regular(stat: &Stat) -> Result<(), ReadError> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(()),
        FileType::Symlink => Err(ReadError::Link),
        kind => Err(ReadError::Kind(kind)),
    }
}

/// What is at a name: a file's bytes, or where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    pub(super) link: bool,
    /// Permission bits; a link has none of its own.
    pub(super) mode: u32,
}

impl Held {
    /// Whether it is a file, or a link, of these bytes.
    pub(super) fn is(&self, bytes: &[u8], link: bool) -> bool {
        self.link == link && self.bytes == bytes
    }
}

/// Reads a regular file, or where a link leads, without following it; `None` where there is nothing.
pub(super) fn held(folder: impl AsFd, name: &str, limit: u64) -> Result<Option<Held>, ReadError> {
    let Some(found) = stat(&folder, name).map_err(ReadError::Io)? else {
        return Ok(None);
    };
    if FileType::from_raw_mode(found.st_mode) == FileType::Symlink {
        return match readlinkat(&folder, name, Vec::new()) {
            Ok(leads) => Ok(Some(Held {
                bytes: leads.into_bytes(),
                link: true,
                mode: 0o777,
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(ReadError::Io(error)),
        };
    }
    match read(&folder, name, limit) {
        Ok(bytes) => Ok(Some(Held {
            bytes,
            link: false,
            mode: found.st_mode & 0o7777,
        })),
        Err(ReadError::Missing) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a new link that leads where these bytes say.
pub(super) fn link(folder: impl AsFd, name: &str, leads: &[u8]) -> Result<(), Errno> {
    symlinkat(leads, folder, name)
}

/// Writes a new file durably; it must not be there. With a mode, the file gets just that; without, the user's default.
pub(super) fn create(folder: impl AsFd, name: &str, bytes: &[u8], mode: Option<u32>) -> Result<(), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let first = if mode.is_some() {
        Mode::RUSR | Mode::WUSR
    } else {
        Mode::from_raw_mode(0o666)
    };
    let mut file = File::from(openat(folder, name, flags, first)?);
    let written = file.write_all(bytes);
    written.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    if let Some(mode) = mode {
        fchmod(&file, Mode::from_raw_mode(mode & 0o7777))?;
    }
    rustix::fs::fsync(&file)
}

pub(super) fn kind_name(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a file",
        FileType::Directory => "a folder",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a fifo",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        _ => "something that is no file",
    }
}
