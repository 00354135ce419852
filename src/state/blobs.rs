use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::crash;
use crate::words::{Digest, Exit, Failure, secrets};

/// Files of [`Blobs::put_many`] that are not on the disk yet.
const AT_ONCE: usize = 4_096;

/// So many files are waited for one by one, for the whole file system may have much else to write.
#[cfg(target_os = "linux")]
const FEW: usize = 8;

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

    /// Keeps `text`, without any secret that is known, durably before it returns; the digest is that of what is kept.
    pub fn put(&self, text: &str) -> Result<Digest, Failure> {
        self.put_exact(secrets::redact(text).as_bytes())
    }

    /// Keeps `bytes` as they are, durably before it returns. What is there already is not written again.
    ///
    /// For what is compared with the user's own files, or put back there: the text of a plan, pre-images. All else is
    /// somebody else's words, and goes by [`put`](Self::put).
    pub fn put_exact(&self, bytes: &[u8]) -> Result<Digest, Failure> {
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

    /// Keeps many as they are, all durably before it returns: the disk is waited for once for all of them, not for each.
    pub fn put_many<'a>(&self, all: impl IntoIterator<Item = &'a [u8]>) -> Result<(), Failure> {
        let mut open = Vec::new();
        for bytes in all {
            let path = self.path(&Digest::of(bytes));
            if matches!(fs::read(&path), Ok(there) if there == bytes) {
                continue;
            }
            let failed = |error| Failure::io("write", &path, &error);
            let file = self.begin(bytes).map_err(failed)?;
            open.push((file.into_temp_path(), path));
            if open.len() == AT_ONCE {
                self.end(std::mem::take(&mut open))?;
            }
        }
        self.end(open)
    }

    fn begin(&self, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::Builder::new().prefix(".put-").tempfile_in(&self.dir)?;
        file.write_all(bytes)?;
        Ok(file)
    }

    /// Gives files that were begun their names, once their bytes are on the disk.
    fn end(&self, open: Vec<(tempfile::TempPath, PathBuf)>) -> Result<(), Failure> {
        if open.is_empty() {
            return Ok(());
        }
        let failed = |error| Failure::io("write into", &self.dir, &error);
        let folder = fs::File::open(&self.dir).map_err(failed)?;
        sync_all_of(&folder, &open).map_err(failed)?;
        crash::point();
        for (temp, path) in open {
            temp.persist(&path)
                .map_err(|error| Failure::io("write", &path, &error.error))?;
        }
        folder.sync_all().map_err(failed)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let file = self.begin(bytes)?;
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

    /// The bytes of a digest; `None` where they are not there, or are no longer what they were. Fails with exit 9 where that
    /// cannot be told.
    pub fn held(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Failure> {
        let path = self.path(digest);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes).filter(|bytes| Digest::of(bytes) == *digest)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io("read", &path, &error)),
        }
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

    /// Where they are.
    pub(super) fn folder(&self) -> &Path {
        &self.dir
    }

    /// The file of a digest.
    pub(crate) fn path(&self, digest: &Digest) -> PathBuf {
        let is_name =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_name(digest.as_str()) {
            return self.dir.join(digest.as_str());
        }
        // A digest may come out of a damaged record: only its digits name a file.
        let name: String = digest.as_str().chars().filter(char::is_ascii_hexdigit).collect();
        self.dir.join(if name.is_empty() { "none" } else { &name })
    }
}

/// Waits until files are on the disk: by one call for the whole file system where there are many and the system has one.
fn sync_all_of(folder: &fs::File, files: &[(tempfile::TempPath, PathBuf)]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if files.len() > FEW {
        return Ok(rustix::fs::syncfs(folder)?);
    }
    let _ = folder;
    files
        .iter()
        .try_for_each(|(temp, _)| fs::File::open(temp)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_put() {
        let temp = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(temp.path().join("a/blobs")).unwrap();
        let digest = blobs.put_exact(b"some\0bytes").unwrap();
        let path = temp.path().join("a/blobs").join(digest.as_str());
        let inode = |path: &Path| std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).unwrap());
        let before = inode(&path);
        assert_eq!(blobs.put_exact(b"some\0bytes").unwrap(), digest);
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
    fn keeps_many_as_it_keeps_one() {
        let temp = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(temp.path()).unwrap();
        let there = blobs.put_exact(b"0").unwrap();
        fs::write(temp.path().join(there.as_str()), b"damaged").unwrap();
        for count in [0, 1, 8, 9, 300] {
            let all: Vec<Vec<u8>> = (0..count).map(|n: u32| n.to_string().into_bytes()).collect();
            blobs.put_many(all.iter().chain(&all).map(Vec::as_slice)).unwrap();
            for bytes in &all {
                assert_eq!(blobs.get(&Digest::of(bytes)).unwrap(), *bytes);
            }
            let names = fs::read_dir(temp.path()).unwrap().count();
            assert_eq!(names, all.len().max(1), "no temp left");
        }
        let mode = fs::metadata(temp.path().join(there.as_str()))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }

    #[test]
    fn refuses_other_bytes_and_mends_them_at_the_next_put() {
        let temp = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(temp.path()).unwrap();
        let digest = blobs.put_exact(b"right").unwrap();
        fs::write(temp.path().join(digest.as_str()), b"wrong").unwrap();
        let failure = blobs.get(&digest).unwrap_err();
        assert_eq!(
            (failure.exit, failure.diagnostics[0].rule),
            (Exit::LocalIo, "damaged-blob")
        );
        blobs.put_exact(b"right").unwrap();
        assert_eq!(blobs.get(&digest).unwrap(), b"right");
        let missing = blobs.get(&Digest::of(b"never put")).unwrap_err();
        assert_eq!(
            (missing.exit, missing.diagnostics[0].rule),
            (Exit::LocalIo, "local-io")
        );
    }
}
