use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::staging::manifest;
use super::{Known, Staging, Submission};
use crate::state::{BatchRecord, Line as _, StateDir};
use crate::words::Failure;

/// Letters of a mark. None looks like another.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// How many of them a mark has.
const MARK: usize = 8;

/// All submissions of this state folder.
#[derive(Debug)]
pub struct Shelf<'a> {
    state: &'a StateDir,
}

/// A submission that is not over.
#[derive(Debug)]
pub enum Shelved {
    /// It is ours as long as it is open.
    Open(Box<Submission>),
    /// Another command is at work on it; its mark.
    Held(String),
}

impl<'a> Shelf<'a> {
    /// The submissions of a state folder.
    pub fn new(state: &'a StateDir) -> Self {
        Self { state }
    }

    /// Begins a submission.
    pub fn begin(&self) -> Result<Staging, Failure> {
        let batches = self.state.batches()?;
        loop {
            let mark: String = (0..MARK)
                .map(|_| char::from(LETTERS[fastrand::usize(..LETTERS.len())]))
                .collect();
            let folder = batches.join(&mark);
            match DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(Failure::io("make the folder", &folder, &error)),
            }
            // Whoever sweeps may have been faster, and then it is gone.
            if let Some(lock) = lock(&folder)? {
                return Ok(Staging {
                    mark,
                    folder,
                    lock,
                    agreed: false,
                });
            }
        }
    }

    /// Every submission that is not over, the oldest first. What was never agreed to is swept away.
    pub fn open(&self) -> Result<Vec<Shelved>, Failure> {
        let mut open = Vec::new();
        for folder in self.folders()? {
            let mark = folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let Some(lock) = lock(&folder)? else {
                open.push(Shelved::Held(mark));
                continue;
            };
            let has_ledger = folder.join(BatchRecord::FILE).metadata();
            if !has_ledger.is_ok_and(|data| data.len() > 0) {
                // It cannot be there by itself: the folder was made by `begin`, and nothing of it was agreed to.
                let _ = fs::remove_dir_all(&folder);
                continue;
            }
            if let Some(submission) = Submission::open(folder, lock)?
                && !submission.is_over()
            {
                open.push(Shelved::Open(Box::new(submission)));
            }
        }
        open.sort_by_key(|shelved| match shelved {
            Shelved::Open(submission) => (submission.at.clone(), submission.mark.clone()),
            Shelved::Held(mark) => (String::new(), mark.clone()),
        });
        Ok(open)
    }

    /// All batches that are on record here, of every submission.
    pub fn known(&self) -> Result<Known, Failure> {
        Ok(Known::read(&self.folders()?))
    }

    /// Whether a plan of this id went out from another place, which may be this plan before it was moved. Nothing is locked.
    pub fn may_have_moved(&self, id: &str, real: &Path) -> bool {
        let folders = self.folders().unwrap_or_default();
        folders.iter().any(|folder| {
            let plans = manifest(folder).map(|(manifest, _)| manifest.plans);
            let mut plans = plans.unwrap_or_default().into_iter();
            plans.any(|plan| plan.id == id && Path::new(&plan.real) != real)
        })
    }

    fn folders(&self) -> Result<Vec<PathBuf>, Failure> {
        let Some(batches) = self.state.existing_batches() else {
            return Ok(Vec::new());
        };
        let entries = fs::read_dir(&batches).map_err(|error| Failure::io("look into", &batches, &error))?;
        let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        folders.retain(|path| path.is_dir());
        folders.sort();
        Ok(folders)
    }
}

/// Takes a submission for one process; `None` where another one has it, or it is gone.
fn lock(folder: &Path) -> Result<Option<File>, Failure> {
    let path = folder.join("lock");
    let opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::io("open the lock", &path, &error)),
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(Failure::io("lock", &path, &error)
            .help("locking is not available there: name a local folder with `--state-dir DIR`")),
    }
}
