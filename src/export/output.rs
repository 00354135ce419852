use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::filling::{fill, stays};
use super::manifest::{FileEntry, MANIFEST};
use super::sheet::{Sheet, write_all};
use crate::crash;
use crate::interrupt::Interrupt;
use crate::words::{Digest, Exit, Failure, Hasher};

/// Past so many files, one call for the whole file system takes less than one for each.
const SYNCED_ALONE: usize = 64;

/// Where an export goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A new folder, or one that is empty.
    Folder(PathBuf),
    /// Standard output.
    Stdout,
}

/// Where files are written, and what was. Nothing more is, once a signal asked to end: every call fails with it.
pub(super) struct Sink<'a> {
    place: Place<'a>,
    interrupt: &'a Interrupt,
    /// Every file that is whole.
    pub(super) files: Vec<FileEntry>,
}

enum Place<'a> {
    Folder(&'a NewFolder),
    Stream(&'a mut dyn Write),
    /// To see beforehand what comes.
    Nowhere,
}

impl<'a> Sink<'a> {
    /// Files of a folder.
    pub(super) fn folder(folder: &'a NewFolder, interrupt: &'a Interrupt) -> Self {
        Self::new(Place::Folder(folder), interrupt)
    }

    /// One stream. What only a folder needs is left out.
    pub(super) fn stream(out: &'a mut dyn Write, interrupt: &'a Interrupt) -> Self {
        Self::new(Place::Stream(out), interrupt)
    }

    /// A stream that nobody reads.
    pub(super) fn nowhere(interrupt: &'a Interrupt) -> Self {
        Self::new(Place::Nowhere, interrupt)
    }

    fn new(place: Place<'a>, interrupt: &'a Interrupt) -> Self {
        Self {
            place,
            interrupt,
            files: Vec::new(),
        }
    }

    /// Whether there are no files, but one stream.
    pub(super) fn is_stream(&self) -> bool {
        !matches!(self.place, Place::Folder(_))
    }

    /// Begins a file.
    pub(super) fn begin(&mut self, path: &str) -> Result<Sheet, Failure> {
        self.interrupt.check()?;
        let file = match &self.place {
            Place::Folder(folder) => Some(folder.create(path)?),
            Place::Stream(_) | Place::Nowhere => None,
        };
        Ok(Sheet::new(path, file))
    }

    /// Adds to a file.
    pub(super) fn add(&mut self, sheet: &mut Sheet, parts: &[&[u8]]) -> Result<(), Failure> {
        self.interrupt.check()?;
        sheet.bytes += length(parts);
        match &mut self.place {
            Place::Folder(folder) => {
                sheet
                    .add(parts)
                    .map_err(|error| Failure::io("write", &folder.shown(&sheet.path), &error))?;
            }
            Place::Stream(out) => stream(out, parts)?,
            Place::Nowhere => {}
        }
        Ok(())
    }

    /// Ends a file. Whether it is on the disk is for [`NewFolder::publish`] to see to.
    pub(super) fn end(&mut self, sheet: Sheet) {
        self.files.push(sheet.entry());
    }

    /// Writes a whole file, whose digest may be known.
    pub(super) fn whole(
        &mut self,
        path: String,
        parts: &[&[u8]],
        sha256: Option<Digest>,
    ) -> Result<(), Failure> {
        self.interrupt.check()?;
        match &mut self.place {
            Place::Folder(folder) => {
                let mut file = folder.create(&path)?;
                write_all(&mut file, parts)
                    .map_err(|error| Failure::io("write", &folder.shown(&path), &error))?;
            }
            Place::Stream(out) => stream(out, parts)?,
            Place::Nowhere => {}
        }
        let sha256 = sha256.unwrap_or_else(|| {
            let mut hasher = Hasher::default();
            parts.iter().for_each(|part| hasher.add(part));
            hasher.digest()
        });
        let bytes = length(parts);
        self.files.push(FileEntry { path, bytes, sha256 });
        Ok(())
    }
}

fn stream(out: &mut dyn Write, parts: &[&[u8]]) -> Result<(), Failure> {
    // In one piece: the outlet sees no secret that is cut in two.
    let whole = parts.concat();
    out.write_all(&whole).map_err(|error| Failure::stdout(&error))
}

/// Bytes of several parts.
pub(super) fn length(parts: &[&[u8]]) -> u64 {
    parts.iter().map(|part| part.len() as u64).sum()
}

/// A folder in the making, beside the place where it will be: complete there, or absent. Dropped, it is gone.
///
/// A folder that has to stay the one that it is has it within, and is filled at the end, with the manifest last.
pub(super) struct NewFolder {
    making: tempfile::TempDir,
    target: PathBuf,
    /// Whether the target stays, and is filled.
    stays: bool,
    /// As the user gave it.
    shown: PathBuf,
}

impl NewFolder {
    /// Makes it, for a target that is not there or an empty folder.
    ///
    /// Fails with exit 2 for a target that has something in it, or is no folder; and with 9 where nothing can be made.
    pub(super) fn new(target: &Path, interrupt: &Interrupt) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::io("make the folder", target, &error);
        let (real, mode) = match fs::metadata(target) {
            Ok(data) if data.is_dir() => {
                let empty = fs::read_dir(target).map_err(failed)?.next().is_none();
                if !empty {
                    return Err(not_empty(target));
                }
                (target.canonicalize().map_err(failed)?, data.permissions().mode())
            }
            Err(error) if error.kind() == ErrorKind::NotFound && target.symlink_metadata().is_err() => {
                let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder
                    .unwrap_or(Path::new("."))
                    .canonicalize()
                    .map_err(|error| failed(error).help("the folder that it is to be in must be there"))?;
                let name = target
                    .file_name()
                    .ok_or_else(|| failed(ErrorKind::InvalidInput.into()))?;
                // The system takes away what the user's mask says.
                (folder.join(name), 0o777)
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Failure::io("look at", target, &error));
            }
            Ok(_) | Err(_) => {
                let text = format!("`{}` is there, and is no folder", target.display());
                return Err(
                    Failure::new(Exit::Usage, "output", text).help("name another folder with `-o DIR`")
                );
            }
        };
        let stays = real.exists() && stays(&real).map_err(failed)?;
        let place = match stays {
            true => &*real,
            false => real.parent().ok_or_else(|| not_empty(target))?,
        };
        let making = tempfile::Builder::new()
            .prefix(".stepgate-export-")
            .permissions(fs::Permissions::from_mode(mode))
            .tempdir_in(place)
            .map_err(failed)?;
        interrupt.remove_when_leaving(making.path());
        Ok(Self {
            making,
            target: real,
            stays,
            shown: target.to_path_buf(),
        })
    }

    /// Creates a file, and the folder above it.
    pub(super) fn create(&self, path: &str) -> Result<File, Failure> {
        let at = self.making.path().join(path);
        let created = File::create_new(&at).or_else(|error| match (error.kind(), at.parent()) {
            (ErrorKind::NotFound, Some(folder)) => {
                fs::create_dir_all(folder)?;
                File::create_new(&at)
            }
            _ => Err(error),
        });
        created.map_err(|error| Failure::io("write", &self.shown(path), &error))
    }

    /// The path of a file as the user will know it.
    pub(super) fn shown(&self, path: &str) -> PathBuf {
        self.shown.join(path)
    }

    /// Brings everything to the disk and the folder to its place.
    pub(super) fn publish(self, files: &[FileEntry]) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::io("write", &self.shown, &error);
        self.sync(files).map_err(failed)?;
        crash::point();
        let making = self.making.path().to_path_buf();
        let placed = match self.stays {
            true => fill(&making, &self.target),
            false => fs::rename(&making, &self.target),
        };
        placed.map_err(|error| match error.kind() {
            // Somebody was there first.
            ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists => not_empty(&self.shown),
            ErrorKind::ResourceBusy => {
                failed(error).help("something is mounted there: name a folder in it with `-o DIR`")
            }
            _ => failed(error),
        })?;
        let above = match self.stays {
            // Dropped, what is left of it is removed: it is empty.
            true => &*self.target,
            false => {
                // It is where it belongs: there is nothing left to remove.
                let _ = self.making.keep();
                self.target.parent().unwrap_or(Path::new("/"))
            }
        };
        crash::point();
        let synced = File::open(above).and_then(|folder| folder.sync_all());
        synced.map_err(|error| Failure::io("write", &self.shown, &error))
    }

    fn sync(&self, files: &[FileEntry]) -> std::io::Result<()> {
        let folder = self.making.path();
        #[cfg(target_os = "linux")]
        if files.len() > SYNCED_ALONE {
            return Ok(rustix::fs::syncfs(File::open(folder)?)?);
        }
        let mut folders: Vec<&Path> = Vec::new();
        for path in files.iter().map(|file| file.path.as_str()).chain([MANIFEST]) {
            File::open(folder.join(path))?.sync_all()?;
            folders.extend(Path::new(path).parent());
        }
        folders.sort();
        folders.dedup();
        folders
            .into_iter()
            .try_for_each(|within| File::open(folder.join(within))?.sync_all())
    }
}

fn not_empty(target: &Path) -> Failure {
    let text = format!("the folder `{}` is not empty", target.display());
    Failure::new(Exit::Usage, "not-empty", text)
        .help("an export is a folder of its own: name one that is empty or not there with `-o DIR`")
}
