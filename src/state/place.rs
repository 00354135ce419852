use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::plan_file::PlanFile;
use crate::words::{Digest, Exit, Failure};

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

    /// Removes what a session that was killed left half done in a plan's folder: scripts of checks, blobs that were not
    /// whole. The plan must be locked.
    pub fn sweep(&self, plan: &PlanFile) -> Result<(), Failure> {
        let folder = self.path_of(plan);
        for (folder, prefix) in [(folder.clone(), "check-"), (folder.join("blobs"), ".put-")] {
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

    fn path_of(&self, plan: &PlanFile) -> PathBuf {
        let real = plan.real();
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
