use std::path::{Path, PathBuf};

use crate::tree::Git;
use crate::words::{Exit, Failure, printable_line};

/// What git tracks, and nothing else of git: an entry of its index gets another path, as `git mv` does it. What a person
/// staged stays as it is, of these files too.
pub(super) struct Index {
    root: PathBuf,
    git: Git,
}

/// An entry: what `update-index --index-info` takes.
struct Listed {
    mode: String,
    object: String,
}

impl Index {
    /// The index of the repository that a folder is in; `None` where git is not there, or tracks nothing here.
    pub(super) fn of(root: &Path) -> Option<Self> {
        let inside = root.ancestors().any(|folder| folder.join(".git").exists());
        inside.then_some(())?;
        let git = Git::find(root).ok()?;
        Some(Self {
            root: root.to_path_buf(),
            git,
        })
    }

    /// Those of the moves whose file is tracked. Fails with exit 9 while another process holds the index, and for a file
    /// that is in conflict.
    pub(super) fn tracked(&self, moves: &[(String, String)]) -> Result<Vec<(String, String)>, Failure> {
        let mut tracked = Vec::new();
        for pair in moves {
            if self.listed(&pair.0)?.is_some() {
                tracked.push(pair.clone());
            }
        }
        if !tracked.is_empty()
            && let Some(lock) = self.git.own_path("index.lock").filter(|lock| lock.exists())
        {
            let text = format!("git's index is locked: `{}` is there", lock.display());
            return Err(Failure::new(Exit::LocalIo, "git-index", text).help(
                "wait for the other git command, or remove the file if none runs; nothing was changed",
            ));
        }
        Ok(tracked)
    }

    /// Gives entries their new paths. One that has it already is passed over, so that it can be done again.
    pub(super) fn rename(&self, moves: &[(String, String)]) -> Result<(), Failure> {
        let mut lines = String::new();
        for (from, to) in moves {
            let Some(entry) = self.listed(from)? else { continue };
            let Listed { mode, object } = entry;
            let nothing = "0".repeat(object.len());
            let (from, to) = (self.git.path_of(from), self.git.path_of(to));
            lines += &format!("0 {nothing}\t{from}\0{mode} {object}\t{to}\0");
        }
        if lines.is_empty() {
            return Ok(());
        }
        self.feed(&["update-index", "-z", "--index-info"], lines.as_bytes())?;
        Ok(())
    }

    fn listed(&self, path: &str) -> Result<Option<Listed>, Failure> {
        let whole = self.git.path_of(path);
        let output = self.feed(&["ls-files", "-s", "-z", "--", &whole], b"")?;
        let text = String::from_utf8_lossy(&output).into_owned();
        let mut entries = text.split('\0').filter(|entry| !entry.is_empty());
        let Some(entry) = entries.next() else {
            return Ok(None);
        };
        let words: Vec<&str> = entry.split(['\t', ' ']).collect();
        match words[..] {
            [mode, object, "0", ..] if entries.next().is_none() => Ok(Some(Listed {
                mode: mode.to_owned(),
                object: object.to_owned(),
            })),
            _ => Err(self.failed(&format!("`{path}` is in conflict"))),
        }
    }

    fn feed(&self, args: &[&str], input: &[u8]) -> Result<Vec<u8>, Failure> {
        let fed = self.git.feed(args, input);
        fed.map_err(|failure| self.failed(&failure.to_string()))
    }

    fn failed(&self, why: &str) -> Failure {
        let text = format!("git's index of `{}` cannot be changed", self.root.display());
        Failure::new(Exit::LocalIo, "git-index", text).found(printable_line(why).into_owned())
    }
}
