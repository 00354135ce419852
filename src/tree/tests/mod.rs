mod applying;
mod control;
mod control_table;
mod ground;
mod kinds;
mod paths;
mod showing;
mod snapshots;
mod standing;
mod swapping;
mod undoing;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Change, Root, preview};
use crate::reply::{self, Edit, What};
use crate::words::Failure;

/// A root in a temporary folder, with a place outside of it.
struct Bench {
    temp: tempfile::TempDir,
}

impl Bench {
    fn new(files: &[(&str, &str)]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir(temp.path().join("root")).unwrap();
        for (path, content) in files {
            let path = temp.path().join("root").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        Self { temp }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.temp.path().join("root").join(path)
    }

    fn outside(&self) -> PathBuf {
        self.temp.path().to_owned()
    }

    fn root(&self) -> Root {
        Root::open(&self.path(""), &[]).unwrap()
    }

    /// Every entry beneath the root; folders end in `/`, links tell where they lead.
    fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        list(&self.path(""), "", &mut tree);
        tree
    }

    fn changes(&self, reply: &str) -> Vec<Change> {
        self.preview(reply, &[]).unwrap()
    }

    fn preview(&self, reply: &str, declared: &[String]) -> Result<Vec<Change>, Failure> {
        let edits = reply::edits(reply);
        assert_eq!(edits.problems, []);
        preview(&self.root(), &edits.edits, declared)
    }
}

fn list(folder: &Path, name: &str, tree: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{name}{}", entry.file_name().to_str().unwrap());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            tree.insert(format!("{name}/"), String::new());
            list(&entry.path(), &format!("{name}/"), tree);
        } else if kind.is_symlink() {
            tree.insert(
                name,
                format!("-> {}", fs::read_link(entry.path()).unwrap().display()),
            );
        } else {
            let bytes = fs::read(entry.path()).unwrap();
            tree.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}

fn file_edits(edits: &[(&str, &str)]) -> Vec<Edit> {
    let edit = |(path, content): &(&str, &str)| Edit {
        path: (*path).to_owned(),
        what: What::Whole((*content).to_owned()),
        span: 0..0,
    };
    edits.iter().map(edit).collect()
}
