use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::GitIndex;
use super::safe_git::{feed, not_started, safe, said};
use crate::words::{Exit, Failure};

/// A git repository, through git's command line. Nothing here runs a hook, a pager, an editor or a file system monitor.
#[derive(Debug, Clone)]
pub struct Git {
    top: PathBuf,
    prefix: String,
}

/// Variables of git that say who somebody is; every other one may send git elsewhere and is not handed on.
const IDENTITY: [&str; 6] = [
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_DATE",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_DATE",
];

/// The rule of a failure where git itself could not be started.
pub(super) const NOT_RUN: &str = "git-not-run";

impl Git {
    /// The repository whose work tree holds a folder. Fails with the reason in words where there is none.
    pub fn find(folder: &Path) -> Result<Self, String> {
        let asked = |question: &str| match command(folder).args(["rev-parse", question]).output() {
            Ok(output) if output.status.success() => Ok(line_of(output.stdout)),
            Ok(output) => Err(said(&output)),
            Err(error) => Err(not_started(&error)),
        };
        if asked("--is-inside-work-tree")? != b"true" {
            return Err(format!("`{}` is in no work tree", folder.display()));
        }
        // One question at a time: a name may hold a line feed.
        let top = PathBuf::from(OsString::from_vec(asked("--show-toplevel")?));
        let prefix = String::from_utf8(asked("--show-prefix")?).map_err(|_| {
            let (folder, top) = (folder.display(), top.display());
            format!("the path of `{folder}` from `{top}` is no UTF-8")
        })?;
        Ok(Self { top, prefix })
    }

    /// The path of a file from the top of the work tree, for one that is beneath the folder that the repository was
    /// found by.
    pub fn path_of(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The folder that the repository was found by, from the top of the work tree: empty, or with a `/` at the end.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// A command of git at the top of the work tree.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = command(&self.top);
        command.args(args);
        command
    }

    /// What a command prints, without the line end. Fails with exit 9 and what git said.
    pub fn ask(&self, args: &[&str]) -> Result<String, Failure> {
        let output = self.output(self.command(args), b"", args)?;
        Ok(String::from_utf8_lossy(&output.stdout)
            .trim_end_matches('\n')
            .to_owned())
    }

    /// What a command prints, or `None` when it ends with another code than 0.
    pub fn look(&self, args: &[&str]) -> Option<String> {
        self.ask(args).ok()
    }

    /// Runs a command with these bytes on its standard input; what it prints.
    pub fn feed(&self, args: &[&str], input: &[u8]) -> Result<Vec<u8>, Failure> {
        Ok(self.output(self.command(args), input, args)?.stdout)
    }

    /// The same with an index of our own in place of the user's. What is outside of a sparse checkout counts like
    /// everything else, and a doubt about line ends, which is for a person at a prompt, is none.
    pub fn feed_with(&self, index: &GitIndex, args: &[&str], input: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut command = command(&self.top);
        for setting in [
            "core.sparseCheckout=false",
            "index.sparse=false",
            "core.safecrlf=false",
        ] {
            command.args(["-c", setting]);
        }
        command.args(args);
        command.env("GIT_INDEX_FILE", index.path());
        Ok(self.output(command, input, args)?.stdout)
    }

    /// A file in the repository's own folder, such as `MERGE_HEAD`.
    pub fn own_path(&self, name: &str) -> Option<PathBuf> {
        let path = self.feed(&["rev-parse", "--git-path", name], b"").ok()?;
        Some(self.top.join(OsString::from_vec(line_of(path))))
    }

    fn output(&self, mut command: Command, input: &[u8], args: &[&str]) -> Result<Output, Failure> {
        // Options of git itself come before the name of the command.
        let name = args
            .iter()
            .find(|word| !word.starts_with('-') && !word.contains('='));
        let name = name.copied().unwrap_or_default();
        let failed = |error: std::io::Error| {
            Failure::new(
                Exit::LocalIo,
                NOT_RUN,
                format!("`git {name}` cannot be run: {error}"),
            )
        };
        let output = feed(&mut command, input.to_vec()).map_err(failed)?;
        if output.status.success() {
            return Ok(output);
        }
        let text = format!(
            "`git {name}` failed in `{}`: {}",
            self.top.display(),
            said(&output)
        );
        Err(Failure::new(Exit::LocalIo, "git", text))
    }
}

/// git in a folder, with nothing that the repository or the environment could make it run. Conversions stay as they are
/// configured: what is committed is what the user's own git would commit.
fn command(folder: &Path) -> Command {
    let mut command = safe(folder);
    command.env("GIT_LITERAL_PATHSPECS", "1");
    for name in IDENTITY {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.args(["-c", "core.quotePath=false"]);
    command
}

/// What git printed, without the line feed that it puts at the end.
fn line_of(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    bytes
}
