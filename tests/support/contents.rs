//! All that is in a folder, to be compared with what was in it before.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use stepgate::words::Digest;

use super::project::Project;

/// Every entry below a folder with its mode, and its bytes or where it leads.
pub(crate) type Contents = BTreeMap<PathBuf, (u32, Vec<u8>)>;

/// Reads a folder, but for what is below `without`.
pub(crate) fn contents(folder: &Path, without: &[PathBuf]) -> Contents {
    let mut all = Contents::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if without.contains(&path) {
                continue;
            }
            let data = fs::symlink_metadata(&path).unwrap();
            let bytes = if data.is_dir() {
                open.push(path.clone());
                Vec::new()
            } else if data.is_symlink() {
                fs::read_link(&path)
                    .unwrap()
                    .into_os_string()
                    .into_encoded_bytes()
            } else {
                fs::read(&path).unwrap()
            };
            all.insert(path, (data.mode(), bytes));
        }
    }
    all
}

/// The one entry of the state with this name.
pub(crate) fn of_state(project: &Project, name: &str) -> PathBuf {
    let mut all = contents(&project.state(), &[]).into_keys();
    all.find(|path| path.ends_with(name)).unwrap()
}

/// Makes it impossible to keep a text, until the folder that is given out is removed: it has the name of the text's file.
pub(crate) fn obstruct(project: &Project, text: &str) -> PathBuf {
    let path = of_state(project, "blobs").join(Digest::of(text).as_str());
    fs::create_dir(&path).unwrap();
    path
}
