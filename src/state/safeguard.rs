use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;
use std::time::SystemTime;

use super::Blobs;
use crate::words::{Digest, Failure};

/// Bytes of blobs that are copied, the newest first.
const COPIED: u64 = 256 << 20;

/// Holds the blobs of a plan while somebody runs who may change any file of this user.
///
/// The copy is a file without a name, so it is out of the reach of whoever goes by paths; in place of a second folder, or
/// of hard links, which change with the file that they are another name of. A process that looks for it (`/proc/PID/fd`)
/// finds it: this holds accidents and tidiness, and is no sandbox.
#[derive(Debug)]
pub struct Safeguard {
    copy: File,
    blobs: Vec<Held>,
    /// How many are past the limit, and are only looked at.
    pub uncopied: usize,
}

/// A blob, as it was.
#[derive(Debug)]
struct Held {
    name: String,
    before: Mark,
    /// Where its bytes are in the copy, and how many.
    at: Option<(u64, u64)>,
}

/// What is other when a file was written to, replaced, or given other rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    place: (u64, u64),
    size: u64,
    mode: u32,
    modified: (i64, i64),
    /// The one that nobody can set.
    changed: (i64, i64),
}

impl Mark {
    fn of(data: &Metadata) -> Self {
        Self {
            place: (data.dev(), data.ino()),
            size: data.len(),
            mode: data.mode(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
        }
    }
}

/// What was found afterwards, by the names of blobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// They were changed or gone, and are as they were.
    pub restored: Vec<String>,
    /// They were changed or gone, and cannot be put back.
    pub lost: Vec<String>,
}

impl Safeguard {
    /// Copies the blobs of a folder.
    ///
    /// Fails with exit 9 where there is no room for the copy.
    pub fn take(blobs: &Blobs) -> Result<Self, Failure> {
        Self::take_most(blobs, COPIED)
    }

    fn take_most(blobs: &Blobs, most: u64) -> Result<Self, Failure> {
        let folder = blobs.folder();
        let failed = |error: io::Error| Failure::io("copy the texts in", folder, &error);
        let mut all: Vec<(SystemTime, Held)> = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_name = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            let data = entry.metadata().map_err(failed)?;
            if is_name && data.is_file() {
                let held = Held {
                    name,
                    before: Mark::of(&data),
                    at: None,
                };
                all.push((data.modified().map_err(failed)?, held));
            }
        }
        all.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| a.name.cmp(&b.name)));
        let mut guard = Self {
            copy: tempfile::tempfile_in(folder).map_err(failed)?,
            blobs: Vec::new(),
            uncopied: 0,
        };
        let mut end = 0;
        for (_, mut held) in all {
            if end + held.before.size > most {
                guard.uncopied += 1;
            } else {
                let file = File::open(folder.join(&held.name)).map_err(failed)?;
                let length = io::copy(&mut file.take(held.before.size), &mut guard.copy).map_err(failed)?;
                held.at = Some((end, length));
                end += length;
            }
            guard.blobs.push(held);
        }
        Ok(guard)
    }

    /// Looks at what was touched since, and puts back what is other than its name says.
    ///
    /// Fails with exit 9 where something cannot be written.
    pub fn settle(&self, blobs: &Blobs) -> Result<Found, Failure> {
        let folder = blobs.folder();
        let mut found = Found::default();
        clear(folder, |data| data.is_dir())?;
        // Makes it where it is gone, and ours again where its rights were taken.
        let blobs = Blobs::open(folder)?;
        for held in &self.blobs {
            let path = folder.join(&held.name);
            let now = fs::symlink_metadata(&path).ok();
            if now.as_ref().is_some_and(|data| Mark::of(data) == held.before) {
                continue;
            }
            let is_file = now.is_some_and(|data| data.is_file());
            if is_file && fs::read(&path).is_ok_and(|bytes| is_named(&bytes, &held.name)) {
                continue;
            }
            match self.copied(held) {
                Some(bytes) => {
                    clear(&path, |_| false)?;
                    blobs.put_exact(&bytes)?;
                    found.restored.push(held.name.clone());
                }
                None => found.lost.push(held.name.clone()),
            }
        }
        Ok(found)
    }

    /// The bytes of a blob in the copy, where they are there and are those of its name.
    fn copied(&self, held: &Held) -> Option<Vec<u8>> {
        let (start, length) = held.at?;
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        self.copy.read_exact_at(&mut bytes, start).ok()?;
        is_named(&bytes, &held.name).then_some(bytes)
    }
}

fn is_named(bytes: &[u8], name: &str) -> bool {
    Digest::of(bytes).as_str() == name
}

/// Takes away what stands at a path, unless it may stay; a link, not what it leads to.
fn clear(path: &Path, stays: impl Fn(&Metadata) -> bool) -> Result<(), Failure> {
    let cleared = match fs::symlink_metadata(path) {
        Ok(data) if stays(&data) => Ok(()),
        Ok(data) if data.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    cleared.map_err(|error| Failure::io("put back", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(blobs: &Blobs, texts: &[&str]) -> Vec<String> {
        let put = |text: &&str| blobs.put_exact(text.as_bytes()).unwrap().as_str().to_owned();
        texts.iter().map(put).collect()
    }

    fn sorted(mut found: Found) -> Found {
        found.restored.sort();
        found.lost.sort();
        found
    }

    #[test]
    fn puts_back_what_was_changed_in_whatever_way() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("blobs");
        let blobs = Blobs::open(&folder).unwrap();
        let all = names(
            &blobs,
            &["same", "touched", "gone", "written", "link", "folder", ""],
        );
        let guard = Safeguard::take(&blobs).unwrap();
        let path = |index: usize| folder.join(&all[index]);
        fs::write(path(1), "touched").unwrap();
        fs::remove_file(path(2)).unwrap();
        fs::write(path(3), "other").unwrap();
        fs::rename(path(4), temp.path().join("moved")).unwrap();
        std::os::unix::fs::symlink(temp.path().join("moved"), path(4)).unwrap();
        fs::remove_file(path(5)).unwrap();
        fs::create_dir_all(path(5).join("inner")).unwrap();
        fs::write(path(6), "no longer empty").unwrap();
        let mut restored = all[2..].to_vec();
        restored.sort();
        let expected = Found {
            restored,
            lost: Vec::new(),
        };
        assert_eq!(sorted(guard.settle(&blobs).unwrap()), expected);
        for (text, index) in [("same", 0), ("gone", 2), ("written", 3), ("link", 4), ("", 6)] {
            assert_eq!(fs::read_to_string(path(index)).unwrap(), text);
            assert!(fs::symlink_metadata(path(index)).unwrap().is_file());
        }
        assert_eq!(guard.settle(&blobs).unwrap(), Found::default());
    }

    #[test]
    fn a_folder_that_is_gone_or_a_link_is_made_again() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("blobs");
        let blobs = Blobs::open(&folder).unwrap();
        let all = names(&blobs, &["one"]);
        let guard = Safeguard::take(&blobs).unwrap();
        let expected = Found {
            restored: all,
            lost: Vec::new(),
        };
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(guard.settle(&blobs).unwrap(), expected);
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(temp.path().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink(temp.path().join("elsewhere"), &folder).unwrap();
        assert_eq!(guard.settle(&blobs).unwrap(), expected);
        assert!(fs::symlink_metadata(&folder).unwrap().is_dir());
        assert_eq!(fs::read_dir(temp.path().join("elsewhere")).unwrap().count(), 0);
    }

    #[test]
    fn what_is_past_the_limit_is_named_when_it_is_lost() {
        let temp = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(temp.path()).unwrap();
        let all = names(&blobs, &["12345", "678"]);
        let time = SystemTime::UNIX_EPOCH;
        let old = File::options()
            .write(true)
            .open(temp.path().join(&all[0]))
            .unwrap();
        old.set_modified(time).unwrap();
        let guard = Safeguard::take_most(&blobs, 7).unwrap();
        assert_eq!(guard.uncopied, 1);
        for name in &all {
            fs::remove_file(temp.path().join(name)).unwrap();
        }
        let expected = Found {
            restored: vec![all[1].clone()],
            lost: vec![all[0].clone()],
        };
        assert_eq!(guard.settle(&blobs).unwrap(), expected);
    }
}
