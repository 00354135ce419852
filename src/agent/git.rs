use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::words::Digest;

/// What git keeps of a repository beside the files of the tree, as digests: enough to tell that an agent changed it.
///
/// git itself is not run: what it runs in turn is the repository's to say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GitState(pub BTreeMap<String, String>);

/// Something of git's that is other than it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GitChange {
    /// What, as a clause of a sentence.
    pub what: &'static str,
    /// Whether it makes git run something sooner or later, so that it is asked about.
    pub runs: bool,
}

/// Names of what is looked at, how a change of it is called, and whether it makes git run something.
const PARTS: [(&str, &str, bool); 5] = [
    ("head", "git's HEAD is on another branch or commit", false),
    ("tip", "the branch has other commits", false),
    ("index", "git's index was written", false),
    ("config", "git's configuration was changed", true),
    ("hooks", "git's hooks were changed", true),
];

impl GitState {
    /// How it is now; empty where there is no repository around the folder.
    pub fn of(folder: &Path) -> Self {
        let Some(own) = git_folder(folder) else {
            return Self::default();
        };
        // A second work tree shares what it has not of its own.
        let common = fs::read_to_string(own.join("commondir"));
        let common = common.map_or_else(|_| own.clone(), |path| own.join(path.trim_end()));
        let head = fs::read_to_string(own.join("HEAD")).unwrap_or_default();
        let tip = match head.trim_end().strip_prefix("ref: ") {
            Some(name) => tip(&own, &common, name),
            None => String::new(),
        };
        let bytes = |path: PathBuf| fs::read(path).unwrap_or_default();
        let mut config = bytes(common.join("config"));
        config.extend(bytes(own.join("config.worktree")));
        let parts = [
            ("head", Digest::of(head)),
            ("tip", Digest::of(tip)),
            ("index", Digest::of(bytes(own.join("index")))),
            ("config", Digest::of(config)),
            ("hooks", Digest::of(hooks(&common.join("hooks")))),
        ];
        Self(
            parts
                .into_iter()
                .map(|(name, digest)| (name.to_owned(), digest.as_str().to_owned()))
                .collect(),
        )
    }

    /// What is other than it was.
    pub fn changes(&self, before: &Self) -> Vec<GitChange> {
        let other = |name: &str| self.0.get(name) != before.0.get(name);
        let changed = PARTS.iter().filter(|(name, ..)| other(name));
        changed
            .map(|(_, what, runs)| GitChange { what, runs: *runs })
            .collect()
    }
}

/// The folder of git for a work tree: beside it, or above it, or where a file of this name points to.
fn git_folder(folder: &Path) -> Option<PathBuf> {
    let found = folder
        .ancestors()
        .map(|above| above.join(".git"))
        .find(|git| git.exists())?;
    if found.is_dir() {
        return Some(found);
    }
    let text = fs::read_to_string(&found).ok()?;
    let path = text.strip_prefix("gitdir: ")?.trim_end();
    Some(found.parent()?.join(path))
}

/// The commit of a branch, from its own file or from the packed ones.
fn tip(own: &Path, common: &Path, name: &str) -> String {
    let loose = [own, common].map(|folder| fs::read_to_string(folder.join(name)).ok());
    if let Some(commit) = loose.into_iter().flatten().next() {
        return commit;
    }
    let packed = fs::read_to_string(common.join("packed-refs")).unwrap_or_default();
    let line = packed.lines().find(|line| line.split(' ').nth(1) == Some(name));
    line.unwrap_or_default().to_owned()
}

/// Names, modes and contents of the hooks.
fn hooks(folder: &Path) -> Vec<u8> {
    let mut hooks = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let mode = entry
            .metadata()
            .map(|data| data.permissions().mode())
            .unwrap_or(0);
        let content = Digest::of(fs::read(entry.path()).unwrap_or_default());
        hooks.push(format!("{:?} {mode:o} {}\n", entry.file_name(), content.as_str()));
    }
    hooks.sort();
    hooks.concat().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_was_changed() {
        let temp = tempfile::tempdir().unwrap();
        let git = temp.path().join(".git");
        fs::create_dir_all(git.join("refs/heads")).unwrap();
        fs::create_dir_all(git.join("hooks")).unwrap();
        fs::create_dir_all(temp.path().join("sub")).unwrap();
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(git.join("packed-refs"), "# pack\n1234 refs/heads/main\n").unwrap();
        let before = GitState::of(temp.path());
        assert_eq!(GitState::of(&temp.path().join("sub")), before);
        assert_eq!(before.changes(&before), []);
        let told = |before: &GitState| {
            let now = GitState::of(temp.path());
            now.changes(before)
                .iter()
                .map(|change| (change.what, change.runs))
                .collect::<Vec<_>>()
        };
        fs::write(git.join("refs/heads/main"), "5678\n").unwrap();
        fs::write(git.join("index"), "x").unwrap();
        assert_eq!(
            told(&before),
            [
                ("the branch has other commits", false),
                ("git's index was written", false)
            ]
        );
        let before = GitState::of(temp.path());
        fs::write(git.join("HEAD"), "5678\n").unwrap();
        fs::write(git.join("config"), "[core]\nfsmonitor = x\n").unwrap();
        fs::write(git.join("hooks/pre-commit"), "#!/bin/sh\n").unwrap();
        assert_eq!(
            told(&before),
            [
                ("git's HEAD is on another branch or commit", false),
                ("the branch has other commits", false),
                ("git's configuration was changed", true),
                ("git's hooks were changed", true)
            ]
        );
        assert_eq!(GitState::of(Path::new("/")), GitState::default());
    }
}
