use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::staging::manifest;
use super::{Known, Staging, Submission};
use crate::state::{BatchRecord, Line as _, MadeAt, StateDir};
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

/// Which submissions are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Those that are not over.
    Open,
    /// Those that are over, too.
    All,
}

/// A submission in its folder.
#[derive(Debug)]
pub enum Shelved {
    /// It is ours as long as it is open.
    Open(Box<Submission>),
    /// It is only looked at: another command is at work on it, or may be.
    Seen(Box<Submission>),
    /// What is on record of it cannot be read; its mark, and why.
    Damaged(String, Failure),
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
                    begun: MadeAt::since(jiff::Timestamp::now()),
                    agreed: false,
                });
            }
        }
    }

    /// Every submission that is not over, the oldest first, those that nobody else is at work on as ours. What was never
    /// agreed to is swept away.
    pub fn open(&self) -> Result<Vec<Shelved>, Failure> {
        self.taken(Wanted::Open)
    }

    /// Like [`open`](Self::open), with those that are over.
    pub fn all(&self) -> Result<Vec<Shelved>, Failure> {
        self.taken(Wanted::All)
    }

    fn taken(&self, wanted: Wanted) -> Result<Vec<Shelved>, Failure> {
        let mut open = Vec::new();
        for folder in self.folders()? {
            let Some(lock) = lock(&folder)? else {
                open.extend(shelved(folder, None, wanted));
                continue;
            };
            let has_ledger = folder.join(BatchRecord::FILE).metadata();
            if !has_ledger.is_ok_and(|data| data.len() > 0) {
                // It cannot be there by itself: the folder was made by `begin`, and nothing of it was agreed to.
                let _ = fs::remove_dir_all(&folder);
                continue;
            }
            open.extend(shelved(folder, Some(lock), wanted));
        }
        Ok(sorted(open))
    }

    /// Every submission that is not over, the oldest first, to be looked at only: no other command is held up.
    pub fn look(&self) -> Result<Vec<Shelved>, Failure> {
        self.seen(Wanted::Open)
    }

    /// Like [`look`](Self::look), with those that are over.
    pub fn look_at_all(&self) -> Result<Vec<Shelved>, Failure> {
        self.seen(Wanted::All)
    }

    fn seen(&self, wanted: Wanted) -> Result<Vec<Shelved>, Failure> {
        let folders = self.folders()?.into_iter();
        Ok(sorted(
            folders
                .filter_map(|folder| shelved(folder, None, wanted))
                .collect(),
        ))
    }

    /// Makes a submission ours that was looked at; `None` where another command is at work on it, or it is over.
    pub fn take(&self, mark: &str) -> Result<Option<Submission>, Failure> {
        let folder = self.folder(mark)?;
        let Some(lock) = lock(&folder)? else {
            return Ok(None);
        };
        let opened = Submission::open(folder, lock)?;
        Ok(opened.filter(|submission| !submission.is_over()))
    }

    /// The folder of a submission, whether it is there or not.
    pub(super) fn folder(&self, mark: &str) -> Result<PathBuf, Failure> {
        Ok(self.state.batches()?.join(mark))
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

    /// The folders of all submissions.
    pub(super) fn folders(&self) -> Result<Vec<PathBuf>, Failure> {
        let Some(batches) = self.state.existing_batches() else {
            return Ok(Vec::new());
        };
        let entries = fs::read_dir(&batches).map_err(|error| Failure::io("look into", &batches, &error))?;
        let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        // What was put aside has another name.
        folders.retain(|path| path.is_dir() && is_mark(&mark_of(path)));
        folders.sort();
        Ok(folders)
    }
}

/// What is in a folder, if it is wanted; `None` also where nothing of it was agreed to.
fn shelved(folder: PathBuf, lock: Option<File>, wanted: Wanted) -> Option<Shelved> {
    let mark = mark_of(&folder);
    let read = match lock {
        Some(lock) => Submission::open(folder, lock),
        None => Submission::seen(folder),
    };
    let submission = match read {
        Ok(read) => read.filter(|submission| wanted == Wanted::All || !submission.is_over())?,
        Err(failure) => {
            let help = format!("then `stepgate batch cancel {mark} --forget` frees its steps");
            return Some(Shelved::Damaged(mark, failure.help(help)));
        }
    };
    let submission = Box::new(submission);
    Some(match submission.is_only_seen() {
        true => Shelved::Seen(submission),
        false => Shelved::Open(submission),
    })
}

fn sorted(mut all: Vec<Shelved>) -> Vec<Shelved> {
    all.sort_by_key(|shelved| match shelved {
        Shelved::Open(submission) | Shelved::Seen(submission) => {
            (submission.at.clone(), submission.mark.clone())
        }
        Shelved::Damaged(mark, _) => (String::new(), mark.clone()),
    });
    all
}

/// What the submission in a folder is known by.
pub(super) fn mark_of(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Whether it is what [`Shelf::begin`] calls a folder.
fn is_mark(name: &str) -> bool {
    name.len() == MARK && name.bytes().all(|letter| LETTERS.contains(&letter))
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
