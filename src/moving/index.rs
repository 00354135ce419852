use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::words::{Exit, Failure};

/// What git tracks, and nothing else of git: an entry of its index gets another path, as `git mv` does it. What a person
/// staged stays as it is, of these files too.
pub(super) struct Index {
    root: PathBuf,
    /// The way from the top of the work tree to the root; empty or with `/` at its end.
    prefix: String,
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
        let output = command(root).args(["rev-parse", "--show-prefix"]).output().ok()?;
        let prefix = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| Self {
            root: root.to_path_buf(),
            prefix: prefix.trim_end_matches('\n').to_owned(),
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
        let lock = self.run(
            command(&self.root).args(["rev-parse", "--git-path", "index.lock"]),
            b"",
        )?;
        let lock = self.root.join(String::from_utf8_lossy(&lock.stdout).trim_end());
        if !tracked.is_empty() && lock.exists() {
            let text = format!("git's index is locked: `{}` is there", lock.display());
            return Err(Failure::new(Exit::LocalIo, "git-index", text).help(
                "wait for the other git command, or remove the file if none runs; nothing was changed",
            ));
        }
        Ok(tracked)
    }

    /// Gives entries their new paths. One that has it already is passed over, so that it can be done again.
    pub(super) fn rename(&self, moves: &[(String, String)]) -> Result<(), Failure> {
        let mut lines = Vec::new();
        for (from, to) in moves {
            let Some(entry) = self.listed(from)? else { continue };
            let Listed { mode, object } = entry;
            let nothing = "0".repeat(object.len());
            write!(lines, "0 {nothing}\t{}{from}\0", self.prefix)
                .map_err(|error| self.failed(&error.to_string()))?;
            write!(lines, "{mode} {object}\t{}{to}\0", self.prefix)
                .map_err(|error| self.failed(&error.to_string()))?;
        }
        if lines.is_empty() {
            return Ok(());
        }
        self.run(
            command(&self.root).args(["update-index", "-z", "--index-info"]),
            &lines,
        )?;
        Ok(())
    }

    fn listed(&self, path: &str) -> Result<Option<Listed>, Failure> {
        let output = self.run(
            command(&self.root).args(["ls-files", "-s", "-z", "--", path]),
            b"",
        )?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
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

    fn run(&self, command: &mut Command, input: &[u8]) -> Result<Output, Failure> {
        let piped = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let told = |error: std::io::Error| self.failed(&error.to_string());
        let mut child = piped.spawn().map_err(told)?;
        if let Some(mut stdin) = child.stdin.take() {
            // What git says of it is told below.
            let _ = stdin.write_all(input);
        }
        let output = child.wait_with_output().map_err(told)?;
        if output.status.success() {
            return Ok(output);
        }
        Err(self.failed(String::from_utf8_lossy(&output.stderr).trim()))
    }

    fn failed(&self, why: &str) -> Failure {
        let text = format!("git's index of `{}` cannot be changed", self.root.display());
        Failure::new(Exit::LocalIo, "git-index", text).found(crate::words::printable_line(why).into_owned())
    }
}

/// Git in a folder, with nothing of the repository run and nothing of the environment in its way.
fn command(root: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(root)
        .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"])
        .env("GIT_LITERAL_PATHSPECS", "1")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command
}
