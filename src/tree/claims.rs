use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::RelativePath;
use crate::words::Diagnostic;

/// The paths that a reply has named so far: no two of them may be one file, or one a folder above the other, on any file
/// system.
#[derive(Default)]
pub(super) struct Claims {
    files: HashMap<String, RelativePath>,
    folders: HashMap<String, RelativePath>,
}

impl Claims {
    /// Takes a path; fails with the other path where the two cannot both be there.
    pub(super) fn take(&mut self, path: &RelativePath) -> Result<(), Box<Diagnostic>> {
        let name = path.folded();
        let above = || name.match_indices('/').map(|(at, _)| &name[..at]);
        let taken = above().find_map(|folder| self.files.get(folder));
        if let Some(other) = taken.or_else(|| self.folders.get(&name)) {
            return Err(collision(other, path));
        }
        for folder in above() {
            self.folders
                .entry(folder.to_owned())
                .or_insert_with(|| path.clone());
        }
        match self.files.entry(name) {
            Entry::Occupied(other) => Err(collision(other.get(), path)),
            Entry::Vacant(place) => {
                place.insert(path.clone());
                Ok(())
            }
        }
    }
}

fn collision(one: &RelativePath, other: &RelativePath) -> Box<Diagnostic> {
    let message = if one == other {
        format!("two blocks of the reply are for one file, `{one}`")
    } else {
        format!("two files of the reply cannot both be there: `{one}` and `{other}`")
    };
    Box::new(Diagnostic::error("colliding-edits", message).help("ask again, or make these changes by hand"))
}
