//! The few calls that touch the work tree, each by a handle of a folder and one name in it.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, Stat, fchmod, fstat, openat, readlinkat, statat, symlinkat,
    unlinkat,
};
#[cfg(target_os = "linux")]
use rustix::fs::{ResolveFlags, openat2};
use rustix::io::{Errno, retry_on_intr};
use rustix::path::Arg;

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
    retry_on_intr(|| rustix::fs::open(path, folder_flags(), Mode::empty()))
}

/// Opens a folder by its name in another one, following no link.
pub(super) fn open_folder(above: impl AsFd, name: impl Arg + Copy) -> Result<OwnedFd, Errno> {
    retry_on_intr(|| openat(&above, name, folder_flags(), Mode::empty()))
}

/// Takes away a folder if it is empty. One that is not, or is none, stays, for it is somebody's.
pub(super) fn remove_folder(above: impl AsFd, name: &str) -> Result<bool, Errno> {
    match unlinkat(above, name, AtFlags::REMOVEDIR) {
        Ok(()) => Ok(true),
        // Some systems say of a folder with something in it that it exists, and of one that is mounted that it is busy.
        Err(
            Errno::NOTEMPTY
            | Errno::EXIST
            | Errno::NOENT
            | Errno::NOTDIR
            | Errno::BUSY
            | Errno::ACCESS
            | Errno::PERM,
        ) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes away a file of ours; one that is not there is gone already.
pub(super) fn remove_file(folder: impl AsFd, name: impl Arg) -> Result<(), Errno> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Err(Errno::NOENT) => Ok(()),
        done => done,
    }
}

/// The names in a folder.
pub(super) fn names(folder: impl AsFd) -> Result<Dir, Errno> {
    retry_on_intr(|| Dir::read_from(&folder))
}

/// Waits until a file, or the names in a folder, are on the disk.
pub(super) fn sync(handle: impl AsFd) -> Result<(), Errno> {
    retry_on_intr(|| rustix::fs::fsync(&handle))
}

/// Opens the folder that a path's last name is in, one name at a time, following no link. `None` when it is not there.
pub(super) fn folder(root: &OwnedFd, path: &RelativePath) -> Result<Option<OwnedFd>, WalkError> {
    at_once(root, path).or_else(|_| walk(root, path))
}

/// The folder by one call that the system keeps beneath the root and away from links. An error where it does not come to
/// that, for whatever reason: the walk finds out.
#[cfg(target_os = "linux")]
fn at_once(root: &OwnedFd, path: &RelativePath) -> Result<Option<OwnedFd>, Errno> {
    let folder = path.folders().last().ok_or(Errno::INVAL)?;
    match retry_on_intr(|| openat2(root, folder, folder_flags(), Mode::empty(), inside())) {
        Ok(handle) => Ok(Some(handle)),
        // A link on the way, wherever it leads, has another error.
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(target_os = "linux")]
fn inside() -> ResolveFlags {
    ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS
}

#[cfg(not(target_os = "linux"))]
fn at_once(_: &OwnedFd, _: &RelativePath) -> Result<Option<OwnedFd>, Errno> {
    Err(Errno::NOSYS)
}

fn walk(root: &OwnedFd, path: &RelativePath) -> Result<Option<OwnedFd>, WalkError> {
    let mut handle = rustix::io::fcntl_dupfd_cloexec(root, 0).map_err(WalkError::Io)?;
    for part in path.folders() {
        let name = part.rsplit('/').next().unwrap_or(part);
        match open_folder(&handle, name) {
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

pub(super) fn stat(folder: impl AsFd, name: &str) -> Result<Option<Stat>, Errno> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

fn file_flags() -> OFlags {
    OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY
}

/// Reads a regular file of at most `limit` bytes. Does not block on a fifo, and does nothing to a device.
pub(super) fn read(folder: impl AsFd, name: &str, limit: u64) -> Result<Vec<u8>, ReadError> {
    match held(folder, name, limit)? {
        Some(held) if held.link => Err(ReadError::Link),
        Some(held) => Ok(held.bytes),
        None => Err(ReadError::Missing),
    }
}

/// Reads a file that is open, and looks at what it is: that may be another than what was there before it was opened.
fn read_open(file: &OwnedFd, limit: u64) -> Result<Held, ReadError> {
    let found = fstat(file).map_err(ReadError::Io)?;
    regular(&found)?;
    let size = u64::try_from(found.st_size).unwrap_or(u64::MAX);
    if size > limit {
        return Err(ReadError::TooBig(size));
    }
    // With room for one byte more: a call that gives less than it could has seen the end.
    let size = usize::try_from(size).unwrap_or_default();
    let mut bytes = Vec::with_capacity(size + 1);
    loop {
        let room = bytes.capacity() - bytes.len();
        let count = match rustix::io::read(file, spare_capacity(&mut bytes)) {
            Err(Errno::INTR) => continue,
            count => count.map_err(ReadError::Io)?,
        };
        if bytes.len() as u64 > limit {
            return Err(ReadError::TooBig(bytes.len() as u64));
        }
        // A file whose length is not told is read until there is nothing.
        if count == 0 || count < room && bytes.len() == size && size > 0 {
            break;
        }
        bytes.reserve(size.max(4096));
    }
    Ok(Held {
        bytes,
        link: false,
        mode: found.st_mode & 0o7777,
        inode: Inode::of(&found),
    })
}

fn regular(stat: &Stat) -> Result<(), ReadError> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(()),
        FileType::Symlink => Err(ReadError::Link),
        kind => Err(ReadError::Kind(kind)),
    }
}

/// Which file or folder it is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Inode {
    pub(super) device: u64,
    number: u64,
}

impl Inode {
    pub(super) fn new(device: u64, number: u64) -> Self {
        Self { device, number }
    }

    #[expect(clippy::useless_conversion, reason = "the types differ from system to system")]
    pub(super) fn of(stat: &Stat) -> Self {
        Self::new(u64::try_from(stat.st_dev).unwrap_or(0), u64::from(stat.st_ino))
    }
}

/// What is at a name: a file's bytes, or where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    pub(super) link: bool,
    /// Permission bits; a link has none of its own.
    pub(super) mode: u32,
    pub(super) inode: Inode,
}

impl Held {
    /// Whether it is a file, or a link, of these bytes.
    pub(super) fn is(&self, bytes: &[u8], link: bool) -> bool {
        self.link == link && self.bytes == bytes
    }
}

/// Reads a regular file, or where a link leads, without following it; `None` where there is nothing.
pub(super) fn held(folder: impl AsFd, name: &str, limit: u64) -> Result<Option<Held>, ReadError> {
    // Opening a device can have an effect of its own: look first.
    let Some(found) = stat(&folder, name).map_err(ReadError::Io)? else {
        return Ok(None);
    };
    let opened = match regular(&found) {
        Ok(()) => retry_on_intr(|| openat(&folder, name, file_flags(), Mode::empty())),
        Err(ReadError::Link) => {
            return match readlinkat(&folder, name, Vec::new()) {
                Ok(leads) => Ok(Some(Held {
                    bytes: leads.into_bytes(),
                    link: true,
                    mode: 0o777,
                    inode: Inode::of(&found),
                })),
                Err(Errno::NOENT) => Ok(None),
                Err(error) => Err(ReadError::Io(error)),
            };
        }
        Err(problem) => return Err(problem),
    };
    match opened {
        Ok(file) => read_open(&file, limit).map(Some),
        Err(Errno::NOENT) => Ok(None),
        Err(Errno::LOOP) => Err(ReadError::Link),
        Err(error) => Err(ReadError::Io(error)),
    }
}

/// What a regular file holds that a path leads to from the root, through no link, and that is the one of its name in
/// `folder` too. `None` where it does not come to that, for whatever reason.
#[cfg(target_os = "linux")]
pub(super) fn held_by_both(
    root: &OwnedFd,
    folder: &OwnedFd,
    path: &RelativePath,
    limit: u64,
) -> Option<Held> {
    let named = stat(folder, path.name()).ok()??;
    regular(&named).ok()?;
    let open = || openat2(root, path.as_str(), file_flags(), Mode::empty(), inside());
    let file = retry_on_intr(open).ok()?;
    let held = read_open(&file, limit).ok()?;
    (held.inode == Inode::of(&named)).then_some(held)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn held_by_both(_: &OwnedFd, _: &OwnedFd, _: &RelativePath, _: u64) -> Option<Held> {
    None
}

/// Makes a new link that leads where these bytes say.
pub(super) fn link(folder: impl AsFd, name: &str, leads: &[u8]) -> Result<(), Errno> {
    symlinkat(leads, folder, name)
}

/// Writes a new file durably; it must not be there. With a mode, the file gets just that; without, the user's default.
pub(super) fn create(folder: impl AsFd, name: &str, bytes: &[u8], mode: Option<u32>) -> Result<(), Errno> {
    sync(write_new(folder, name, bytes, mode)?)
}

/// As [`create`], and does not wait for the disk.
pub(super) fn write_new(
    folder: impl AsFd,
    name: &str,
    bytes: &[u8],
    mode: Option<u32>,
) -> Result<File, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // The user's mask takes bits away and gives none: at no time may more be done with it than in the end.
    let first = mode.map_or(0o666, |mode| mode & 0o777 | 0o600);
    let open = || openat(&folder, name, flags, Mode::from_raw_mode(first));
    let mut file = File::from(retry_on_intr(open)?);
    let written = file.write_all(bytes);
    written.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    if let Some(mode) = mode.map(|mode| mode & 0o7777)
        && fstat(&file)?.st_mode & 0o7777 != mode
    {
        retry_on_intr(|| fchmod(&file, Mode::from_raw_mode(mode)))?;
    }
    Ok(file)
}

/// Whether [`sync_all_of`] waits for a whole file system, and tells when some bytes of it could not be written: Linux does
/// since 5.8.
#[cfg(target_os = "linux")]
pub(super) fn syncs_at_once() -> bool {
    let name = rustix::system::uname();
    let release = name.release().to_string_lossy();
    let mut numbers = release.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
    (numbers.next(), numbers.next()) >= (Some(5), Some(8))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn syncs_at_once() -> bool {
    false
}

/// Waits until all that was written to the file system of a folder is on the disk.
#[cfg(target_os = "linux")]
pub(super) fn sync_all_of(folder: &OwnedFd) -> Result<(), Errno> {
    retry_on_intr(|| rustix::fs::syncfs(folder))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn sync_all_of(_: &OwnedFd) -> Result<(), Errno> {
    Err(Errno::NOSYS)
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
