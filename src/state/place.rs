use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Record;
use super::journal::Line as _;
use crate::plan_file::PlanFile;
use crate::words::{Digest, Exit, Failure};

/// The folder of what is handed over, in that of a plan.
const ESCALATIONS: &str = "escalations";

/// Keeps a text that a person may hand over, in a file of this name below a plan's folder, and gives its path. It is on
/// the disk when this returns. Only its owner can read it.
pub fn hand_over(folder: &Path, name: &str, text: &str) -> Result<PathBuf, Failure> {
    let folder = folder.join(ESCALATIONS);
    let path = folder.join(name);
    let written = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .and_then(|()| {
            // A temporary file is for its owner only.
            let mut file = tempfile::Builder::new().prefix(".put-").tempfile_in(&folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            fs::File::open(&folder)?.sync_all()
        });
    match written {
        Ok(()) => Ok(path),
        Err(error) => Err(Failure::io("write", &path, &error)),
    }
}

/// Whether a plan's folder holds nothing that anybody would miss: a lock, an empty journal, a folder for texts.
fn is_bare(folder: &Path) -> std::io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let bare = match entry.file_name().to_str() {
            Some("lock") => true,
            Some("journal") => entry.metadata()?.len() == 0,
            Some("blobs") => fs::read_dir(entry.path())?.next().is_none(),
            _ => false,
        };
        if !bare {
            return Ok(false);
        }
    }
    Ok(true)
}

fn has_record(folder: &Path) -> bool {
    let journal = folder.join(Record::FILE).metadata();
    journal.is_ok_and(|data| data.len() > 0)
}

/// Where stepgate keeps what it remembers: outside every repository, so that none can plant it.
#[derive(Debug, Clone)]
pub struct StateDir {
    root: PathBuf,
}

impl StateDir {
    /// The folder that the configuration names. Nothing is made yet.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder of one plan, made when it is not there. Its name is the plan's, and a digest of its whole path.
    pub fn of_plan(&self, plan: &PlanFile) -> Result<PathBuf, Failure> {
        let path = self.path_of(plan);
        self.private(&self.root)?;
        self.private(&path)?;
        Ok(path)
    }

    /// Removes what a session that was killed left half done in a plan's folder: scripts of checks, prompts of agents, blobs that were not
    /// whole. The plan must be locked.
    pub fn sweep(&self, plan: &PlanFile) -> Result<(), Failure> {
        let folder = self.path_of(plan);
        for (folder, prefix) in [
            (folder.clone(), "check-"),
            (folder.clone(), "prompt-"),
            (folder.join("blobs"), ".put-"),
            (folder.join(ESCALATIONS), ".put-"),
        ] {
            let Ok(entries) = fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries.flatten() {
                if !entry.file_name().to_string_lossy().starts_with(prefix) {
                    continue;
                }
                let path = entry.path();
                let removed = if path.is_dir() {
                    fs::remove_dir_all(&path)
                } else {
                    fs::remove_file(&path)
                };
                removed.map_err(|error| Failure::io("remove", &path, &error))?;
            }
        }
        Ok(())
    }

    /// The folder of one plan if it is there: for whoever only looks.
    pub fn existing(&self, plan: &PlanFile) -> Option<PathBuf> {
        Some(self.path_of(plan)).filter(|path| path.is_dir())
    }

    /// The folder of locks, which are named by device and inode.
    pub(crate) fn locks(&self) -> Result<PathBuf, Failure> {
        let path = self.root.join("locks");
        self.private(&self.root)?;
        self.private(&path)?;
        Ok(path)
    }

    /// The folder of locks if it is there.
    pub(super) fn existing_locks(&self) -> Option<PathBuf> {
        Some(self.root.join("locks")).filter(|path| path.is_dir())
    }

    /// The folder of batches, which has a folder for each submission; made when it is not there.
    pub fn batches(&self) -> Result<PathBuf, Failure> {
        let path = self.root.join("batches");
        self.private(&self.root)?;
        self.private(&path)?;
        Ok(path)
    }

    /// The folder of a repository, made when it is not there: what is to happen to several of its files at once is
    /// remembered there, for a plan's own folder goes by the plan's path, and the plan itself may move.
    pub fn of_repository(&self, root: &Path) -> Result<PathBuf, Failure> {
        let path = self.repository(root);
        self.private(&self.root)?;
        self.private(&path)?;
        Ok(path)
    }

    /// The folder of batches if it is there: for whoever only looks.
    pub fn existing_batches(&self) -> Option<PathBuf> {
        Some(self.root.join("batches")).filter(|path| path.is_dir())
    }

    /// The folder of a repository if it is there.
    pub fn existing_repository(&self, root: &Path) -> Option<PathBuf> {
        Some(self.repository(root)).filter(|path| path.is_dir())
    }

    fn repository(&self, root: &Path) -> PathBuf {
        let digest = Digest::of(root.as_os_str().as_encoded_bytes());
        self.root.join(format!("repository-{}", digest.short()))
    }

    /// Takes what is remembered of a plan along when the plan moves. Done already where nothing is at the old place; what
    /// is remembered at the new one, of a plan that was there before, is put aside.
    pub fn follow(&self, from: &Path, to: &Path) -> Result<(), Failure> {
        let (old, new) = (self.path_at(from), self.path_at(to));
        if old == new || !old.is_dir() {
            return Ok(());
        }
        let failed = |error: std::io::Error| Failure::io("move", &old, &error);
        if new.exists() && is_bare(&new).map_err(failed)? {
            fs::remove_dir_all(&new).map_err(failed)?;
        }
        if new.exists() {
            let mut aside = new.clone();
            for number in 1.. {
                aside = new.with_extension(format!("before-{number}"));
                if !aside.exists() {
                    break;
                }
            }
            fs::rename(&new, &aside).map_err(failed)?;
        }
        fs::rename(&old, &new).map_err(failed)?;
        let synced = fs::File::open(&self.root).and_then(|folder| folder.sync_all());
        synced.map_err(failed)
    }

    /// Whether anything is on record of a plan that stood here.
    pub fn remembers(&self, real: &Path) -> bool {
        has_record(&self.path_at(real))
    }

    fn path_of(&self, plan: &PlanFile) -> PathBuf {
        self.path_at(plan.real())
    }

    fn path_at(&self, real: &Path) -> PathBuf {
        let digest = Digest::of(real.as_os_str().as_encoded_bytes());
        let stem = real.file_stem().unwrap_or_default().to_string_lossy();
        let stem: String = stem
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c
                } else {
                    '_'
                }
            })
            .take(60)
            .collect();
        self.root.join(format!("{stem}-{}", digest.short()))
    }

    /// Makes a folder that only its owner can read; refuses one that somebody else made.
    fn private(&self, path: &Path) -> Result<(), Failure> {
        let failed = |doing: &str, error: &std::io::Error| {
            let failure = Failure::io(doing, path, error);
            failure.help("nothing was sent; name another folder with `--state-dir DIR`")
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| failed("make the state folder", &error))?;
        let data = fs::symlink_metadata(path).map_err(|error| failed("look at the state folder", &error))?;
        if data.uid() != rustix::process::geteuid().as_raw() {
            let text = format!("the state folder `{}` belongs to another user", path.display());
            return Err(Failure::new(Exit::LocalIo, "state-dir-owner", text)
                .help("name another folder with `--state-dir DIR`"));
        }
        if data.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))
                .map_err(|error| failed("close the state folder to others", &error))?;
        }
        Ok(())
    }
}
