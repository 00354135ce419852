use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::crash;
use crate::words::{Digest, Exit, Failure};

/// A folder of byte strings, each in a file named by its SHA-256: prompts, replies, pre-images, output of checks.
///
/// The folder is 0700 and the files are 0600: what was sent to a model is nobody else's business.
#[derive(Debug, Clone)]
pub struct Blobs {
    dir: PathBuf,
}

impl Blobs {
    /// Takes `dir` for the folder, making it when it is not there.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, Failure> {
        let dir = dir.into();
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir);
        made.and_then(|()| fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)))
            .map_err(|error| Failure::io("make the folder", &dir, &error))?;
        Ok(Self { dir })
    }

    /// Keeps `bytes`, durably before it returns. What is there already is not written again.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, Failure> {
        let digest = Digest::of(bytes);
        let path = self.path(&digest);
        // A file of the right name and length but other bytes is caught here too: `get` would refuse it for ever.
        if matches!(fs::read(&path), Ok(there) if there == bytes) {
            return Ok(digest);
        }
        self.write(&path, bytes)
            .map_err(|error| Failure::io("write", &path, &error))?;
        Ok(digest)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".put-").tempfile_in(&self.dir)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        crash::point();
        file.persist(path).map_err(|error| error.error)?;
        fs::File::open(&self.dir)?.sync_all()
    }

    /// The bytes of a digest. Fails with exit 9 when they are not there, or are no longer what they were.
    pub fn get(&self, digest: &Digest) -> Result<Vec<u8>, Failure> {
        let path = self.path(digest);
        let bytes = fs::read(&path).map_err(|error| Failure::io("read", &path, &error))?;
        let found = Digest::of(&bytes);
        if found != *digest {
            let message = format!(
                "`{}` is damaged: its bytes are not those it is named by",
                path.display()
            );
            return Err(Failure::new(Exit::LocalIo, "damaged-blob", message)
                .found(format!("sha256 {}", found.short())));
        }
        Ok(bytes)
    }

    /// The bytes of the one digest that begins with these digits; `None` where there is none, or more than one.
    pub fn find(&self, digits: &str) -> Result<Option<Vec<u8>>, Failure> {
        let entries = fs::read_dir(&self.dir).map_err(|error| Failure::io("look into", &self.dir, &error))?;
        let names = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut found = names.filter(|name| name.starts_with(digits));
        let Some(name) = found.next().filter(|_| digits.len() >= 4) else {
            return Ok(None);
        };
        if found.next().is_some() {
            return Ok(None);
        }
        let path = self.dir.join(name);
        fs::read(&path)
            .map(Some)
            .map_err(|error| Failure::io("read", &path, &error))
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        // A digest may come out of a damaged record: only its digits name a file.
        let name: String = digest.as_str().chars().filter(char::is_ascii_hexdigit).collect();
        self.dir.join(if name.is_empty() { "none" } else { &name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_put() {
        let temp = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(temp.path().join("a/blobs")).unwrap();
        let digest = blobs.put(b"some\0bytes").unwrap();
        let path = temp.path().join("a/blobs").join(digest.as_str());
        let inode = |path: &Path| std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).unwrap());
        let before = inode(&path);
        assert_eq!(blobs.put(b"some\0bytes").unwrap(), digest);
        assert_eq!(inode(&path), before, "no rewrite");
        assert_eq!(blobs.get(&digest).unwrap(), b"some\0bytes");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(
            fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1,
            "no temp left"
        );
    }

    #[test]
    fn refuses_other_bytes_and_mends_them_at_the_next_put() {
        let temp = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(temp.path()).unwrap();
        let digest = blobs.put(b"right").unwrap();
        fs::write(temp.path().join(digest.as_str()), b"wrong").unwrap();
        let failure = blobs.get(&digest).unwrap_err();
        assert_eq!(
            (failure.exit, failure.diagnostics[0].rule),
            (Exit::LocalIo, "damaged-blob")
        );
        blobs.put(b"right").unwrap();
        assert_eq!(blobs.get(&digest).unwrap(), b"right");
        let missing = blobs.get(&Digest::of(b"never put")).unwrap_err();
        assert_eq!(
            (missing.exit, missing.diagnostics[0].rule),
            (Exit::LocalIo, "local-io")
        );
    }
}
