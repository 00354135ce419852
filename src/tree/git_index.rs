use std::path::{Path, PathBuf};

use crate::words::Failure;

/// An index of our own: the user's is never written for what only we want to know.
#[derive(Debug)]
pub struct GitIndex {
    folder: tempfile::TempDir,
}

impl GitIndex {
    /// An index that is not there yet, which git takes for an empty one. A session that is killed leaves a folder that
    /// the next one sweeps, by its name.
    pub(super) fn new(scratch: &Path) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new()
            .prefix("check-index-")
            .tempdir_in(scratch);
        let folder = folder.map_err(|error| Failure::io("make a folder in", scratch, &error))?;
        Ok(Self { folder })
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("index")
    }
}
