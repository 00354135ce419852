use std::path::Path;

use super::super::Root;
use super::git::Git;
use super::list::List;
use crate::words::Digest;

/// The root at one moment, in hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surveyed {
    /// The root as a tree of git, by the bytes on the disk: without what git ignores and what is apart.
    pub tree: String,
    /// Repositories below the root and files that are too big for git's tree, by what the file system says of them; `None`
    /// where there are none.
    pub apart: Option<Digest>,
}

/// How the root is looked at as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Survey<'a> {
    /// The tree.
    pub root: &'a Root,
    /// A private folder that no other session uses, for an index.
    pub scratch: &'a Path,
    /// The state of all plans, no part of the tree where it is beneath the root.
    pub state: Option<&'a Path>,
}

impl Survey<'_> {
    /// Looks; what is at `without`, by its path from the root, does not count. Says in words why git cannot tell.
    ///
    /// The user's index is read and not written, and neither it nor a filter decides what is a change. Only objects are
    /// written into the repository.
    pub fn take(&self, without: Option<&Path>) -> Result<Surveyed, String> {
        let git = Git::find(self.root.path(), &self.scratch.join("git"))?;
        let list = List::walk(self.root).map_err(|failure| failure.to_string())?;
        let mut out = list.apart.clone();
        out.extend(self.state.and_then(|state| beneath(self.root, state)));
        out.extend(without.map(|path| path.as_os_str().as_encoded_bytes().to_vec()));
        let tree = git.tree(&out, list.is_as_is())?;
        let apart = (!list.apart.is_empty()).then(|| Digest::of(list.part(&list.apart).to_bytes()));
        Ok(Surveyed { tree, apart })
    }
}

/// A folder's path from the root, where it is beneath it.
pub(super) fn beneath(root: &Root, folder: &Path) -> Option<Vec<u8>> {
    let folder = std::fs::canonicalize(folder).ok()?;
    let inside = folder.strip_prefix(root.path()).ok()?;
    let bytes = inside.as_os_str().as_encoded_bytes();
    (!bytes.is_empty()).then(|| bytes.to_vec())
}
