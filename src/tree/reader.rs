use std::collections::HashSet;

use super::folders::Folders;
use super::root::SIZE_LIMIT;
use super::unreached::Unreached;
use super::{RelativePath, Root, disk};
use crate::words::Failure;

/// Handles of folders that are open at once: readers work side by side.
const ROOM: usize = 64;

/// What a reader finds at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing, or no folder above it.
    Absent,
    /// A file.
    Bytes(Vec<u8>),
    /// What is not read, or behind what is not followed: a link, a folder, a device, a file past 16 MiB. Why, as a fragment.
    Refused(String),
}

/// Reads many files of the tree as it is now: a folder is looked for once, whether it is there or not.
pub struct Reader<'a> {
    folders: Folders<'a>,
    /// Folders that are not there. Who writes makes them, and so may not know them; nothing is written here.
    absent: HashSet<String>,
}

impl<'a> Reader<'a> {
    /// A reader of the files beneath a root.
    pub fn new(root: &'a Root) -> Self {
        Self {
            folders: Folders::with_room(root, ROOM),
            absent: HashSet::new(),
        }
    }

    /// What is at a path, as [`Root::read`] reads it.
    ///
    /// Fails with exit 9 when the disk says no.
    pub fn read(&mut self, path: &RelativePath) -> Result<Seen, Failure> {
        match self.bytes(path) {
            Ok(None) => Ok(Seen::Absent),
            Ok(Some(bytes)) => Ok(Seen::Bytes(bytes)),
            Err(Unreached::Refused(refusal)) => Ok(Seen::Refused(refusal.why)),
            Err(Unreached::Failed(failure)) => Err(failure),
        }
    }

    fn bytes(&mut self, path: &RelativePath) -> Result<Option<Vec<u8>>, Unreached> {
        let name = path.folders().last().unwrap_or_default();
        if self.absent.contains(name) {
            return Ok(None);
        }
        let Some(folder) = self.folders.of(path)? else {
            self.absent.insert(name.to_owned());
            return Ok(None);
        };
        match disk::read(&folder.handle, path.name(), SIZE_LIMIT) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(disk::ReadError::Missing) => Ok(None),
            Err(problem) => Err(self.folders.root.unreadable(path, &problem)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn reads_what_the_root_reads_and_looks_for_a_folder_once() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().canonicalize().unwrap();
        fs::create_dir_all(folder.join("a/b")).unwrap();
        fs::write(folder.join("top.txt"), "top").unwrap();
        fs::write(folder.join("a/b/one.txt"), "one").unwrap();
        std::os::unix::fs::symlink("b", folder.join("a/link")).unwrap();
        std::os::unix::fs::symlink("one.txt", folder.join("a/b/link.txt")).unwrap();
        let root = Root::open(&folder, &[]).unwrap();
        let mut reader = Reader::new(&root);
        for path in [
            "top.txt",
            "a/b/one.txt",
            "a/b/two.txt",
            "a/b/link.txt",
            "a/link/one.txt",
            "a/c/one.txt",
            "a/c/d/one.txt",
            "top.txt/one.txt",
            "a/b",
        ] {
            let path = RelativePath::parse(path).unwrap();
            let read = match root.read(&path) {
                Ok(None) => Seen::Absent,
                Ok(Some(bytes)) => Seen::Bytes(bytes),
                Err(refused) => {
                    let seen = reader.read(&path);
                    let Ok(Seen::Refused(why)) = &seen else {
                        panic!("{path:?}: {seen:?}, {refused}");
                    };
                    assert!(
                        refused.to_string().ends_with(&format!(": {why}")),
                        "{refused}: {why}"
                    );
                    continue;
                }
            };
            assert_eq!(reader.read(&path), Ok(read), "{path:?}");
        }
        let late = RelativePath::parse("a/c/one.txt").unwrap();
        fs::create_dir(folder.join("a/c")).unwrap();
        fs::write(folder.join("a/c/one.txt"), "late").unwrap();
        assert_eq!(reader.read(&late), Ok(Seen::Absent));
        assert_eq!(Reader::new(&root).read(&late), Ok(Seen::Bytes(b"late".to_vec())));
    }
}
