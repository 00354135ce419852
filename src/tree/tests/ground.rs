use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::{Depot, Root};
use crate::state::Blobs;

/// A root, with a state beside it.
pub(super) struct Ground {
    pub(super) temp: tempfile::TempDir,
    blobs: Blobs,
}

/// Every entry: bits and bytes, or where a link leads.
pub(super) type Tree = BTreeMap<PathBuf, (u32, Vec<u8>)>;

impl Ground {
    pub(super) fn new(git: bool) -> Self {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir(temp.path().join("root")).unwrap();
        fs::create_dir_all(temp.path().join("state/plan-1")).unwrap();
        let blobs = Blobs::open(temp.path().join("state/plan-1/blobs")).unwrap();
        let ground = Self { temp, blobs };
        if git {
            ground.git(&["init", "-q", "-b", "trunk"]);
        }
        ground
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.temp.path().join("root").join(path)
    }

    pub(super) fn state(&self) -> PathBuf {
        self.temp.path().join("state/plan-1")
    }

    pub(super) fn write(&self, path: &str, bytes: &[u8], mode: u32) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(super) fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@localhost"])
            .args(args)
            .current_dir(self.path(""))
            .env("HOME", self.temp.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(super) fn root(&self) -> Root {
        Root::open(&self.path(""), &[]).unwrap()
    }

    pub(super) fn with<T>(&self, act: impl FnOnce(&Depot<'_>) -> T) -> T {
        let (root, state) = (self.root(), self.state());
        act(&Depot {
            root: &root,
            blobs: &self.blobs,
            state: &state,
        })
    }

    pub(super) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        read(&self.path(""), &self.path(""), &mut tree, false);
        tree
    }

    /// All that is in `.git` but objects and what is ours.
    pub(super) fn repository(&self) -> Tree {
        let mut tree = Tree::new();
        read(&self.path(".git"), &self.path(".git"), &mut tree, true);
        tree.retain(|path, _| !path.starts_with("objects") && !path.starts_with("refs/stepgate"));
        tree
    }
}

fn read(root: &Path, folder: &Path, tree: &mut Tree, all: bool) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let data = fs::symlink_metadata(&path).unwrap();
        let name = path.strip_prefix(root).unwrap().to_owned();
        if !all && path.ends_with(".git") {
            continue;
        }
        let bytes = if data.is_symlink() {
            let leads = fs::read_link(&path).unwrap();
            leads.into_os_string().into_encoded_bytes()
        } else if data.is_dir() {
            read(root, &path, tree, all);
            Vec::new()
        } else {
            fs::read(&path).unwrap()
        };
        tree.insert(name, (data.permissions().mode(), bytes));
    }
}

pub(super) fn has_git() -> bool {
    let found = Command::new("git").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: a snapshot in git: git is not installed");
    }
    found
}
