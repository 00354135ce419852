use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::words::Failure;

/// Files that an agent must not change, as they were before it ran: the plan, the journal.
pub struct Guarded {
    files: Vec<Kept>,
}

struct Kept {
    path: PathBuf,
    bytes: Vec<u8>,
    mode: u32,
    identity: (u64, u64),
}

/// Device and inode.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let data = fs::symlink_metadata(path)?;
    Ok((data.dev(), data.ino()))
}

impl Guarded {
    /// Remembers how files are.
    pub fn take(paths: &[&Path]) -> Result<Self, Failure> {
        let keep = |path: &&Path| {
            let failed = |error: io::Error| Failure::io("read", path, &error);
            Ok(Kept {
                path: path.to_path_buf(),
                mode: fs::metadata(path).map_err(failed)?.permissions().mode() & 0o7777,
                bytes: fs::read(path).map_err(failed)?,
                identity: identity(path).map_err(failed)?,
            })
        };
        Ok(Self {
            files: paths.iter().map(keep).collect::<Result<_, Failure>>()?,
        })
    }

    /// A file that is to be what it was, by its bytes; its mode stays.
    pub fn as_it_was(path: &Path, bytes: &[u8]) -> Result<Self, Failure> {
        let mut guarded = Self::take(&[path])?;
        for kept in &mut guarded.files {
            kept.bytes = bytes.to_vec();
        }
        Ok(guarded)
    }

    /// Whether all are the very files that they were, by device and inode: whoever holds one open writes to it still.
    pub fn are_the_same_files(&self) -> bool {
        let same = |kept: &Kept| identity(&kept.path).is_ok_and(|now| now == kept.identity);
        self.files.iter().all(same)
    }

    /// Whether all is as it was.
    pub fn is_unchanged(&self) -> bool {
        self.files.iter().all(Kept::is_unchanged)
    }

    /// Puts back what is other than it was, and tells which files those are.
    ///
    /// A file is written in place, so that its other names stay what they are. Fails with exit 9 where one cannot be put
    /// back.
    pub fn restore(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut restored = Vec::new();
        for kept in &self.files {
            if kept.is_unchanged() {
                continue;
            }
            kept.restore().map_err(|error| {
                let text = "the agent changed it, and it cannot be put back";
                Failure::io("put back", &kept.path, &error).help(text)
            })?;
            restored.push(kept.path.clone());
        }
        Ok(restored)
    }
}

impl Kept {
    fn is_unchanged(&self) -> bool {
        // A link in its place is another file, whatever it leads to.
        let is_file = fs::symlink_metadata(&self.path).is_ok_and(|data| data.is_file());
        is_file && fs::read(&self.path).is_ok_and(|bytes| bytes == self.bytes)
    }

    fn restore(&self) -> io::Result<()> {
        match fs::symlink_metadata(&self.path) {
            Ok(data) if data.is_file() => {
                fs::set_permissions(&self.path, fs::Permissions::from_mode(self.mode | 0o600))?;
                let file = OpenOptions::new().write(true).open(&self.path)?;
                file.write_all_at(&self.bytes, 0)?;
                file.set_len(self.bytes.len() as u64)?;
                file.sync_all()?;
                return fs::set_permissions(&self.path, fs::Permissions::from_mode(self.mode));
            }
            Ok(data) if data.is_dir() => fs::remove_dir(&self.path)?,
            Ok(_) => fs::remove_file(&self.path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(self.mode)
            .open(&self.path)?;
        file.write_all(&self.bytes)?;
        file.sync_all()?;
        File::open(folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_back_what_was_changed_in_whatever_way() {
        let temp = tempfile::tempdir().unwrap();
        let path = |name: &str| temp.path().join(name);
        let names = ["same", "longer", "gone", "link", "mode"];
        for name in names {
            fs::write(path(name), name).unwrap();
        }
        fs::hard_link(path("longer"), path("other-name")).unwrap();
        let paths = names.map(path);
        let guarded = Guarded::take(&paths.each_ref().map(PathBuf::as_path)).unwrap();
        fs::write(path("longer"), "x".repeat(100)).unwrap();
        fs::remove_file(path("gone")).unwrap();
        fs::remove_file(path("link")).unwrap();
        std::os::unix::fs::symlink(path("same"), path("link")).unwrap();
        fs::write(path("mode"), "x").unwrap();
        fs::set_permissions(path("mode"), fs::Permissions::from_mode(0o400)).unwrap();
        let restored = guarded.restore().unwrap();
        assert_eq!(restored, ["longer", "gone", "link", "mode"].map(path));
        for name in names {
            assert_eq!(fs::read_to_string(path(name)).unwrap(), name);
        }
        assert_eq!(fs::read_to_string(path("other-name")).unwrap(), "longer");
        assert!(fs::symlink_metadata(path("link")).unwrap().is_file());
        assert_eq!(guarded.restore().unwrap(), Vec::<PathBuf>::new());
    }
}
