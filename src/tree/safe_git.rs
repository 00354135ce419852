//! How git is started: nothing of a repository's configuration runs, and the environment names no other repository.

use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Variables of git's configuration that are ours, whatever is configured.
pub(super) const SETTINGS: &[&str] = &[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.autocrlf=false",
    "core.safecrlf=false",
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "core.logAllRefUpdates=false",
    "core.bare=false",
    "core.sparseCheckout=false",
    "index.sparse=false",
    "advice.addEmbeddedRepo=false",
    "gc.auto=0",
    "maintenance.auto=false",
];

/// Git on the user's repository, with nothing of it running.
pub(super) fn plain(root: &Path) -> Command {
    let mut command = bare(root);
    // What git itself calls bare stays so: only what runs is switched off.
    for setting in SETTINGS
        .iter()
        .filter(|setting| !setting.starts_with("core.bare"))
    {
        command.args(["-c", setting]);
    }
    command
}

/// Git in a folder, whatever the environment says of another repository.
pub(in crate::tree) fn bare(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(root);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_bytes().starts_with(b"GIT_")) {
        command.env_remove(name);
    }
    command
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(Stdio::null());
    command
}

pub(super) fn run(command: &mut Command) -> Result<Output, String> {
    command.output().map_err(|error| cannot(&error))
}

/// Runs a command with these bytes on its standard input.
pub(super) fn feed(command: &mut Command, input: Vec<u8>) -> Result<Output, String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot(&error))?;
    let mut stdin = child.stdin.take();
    // By another thread: git answers before it has read everything.
    let writer = std::thread::spawn(move || {
        if let Some(stdin) = &mut stdin {
            let _ = stdin.write_all(&input);
        }
    });
    let output = child.wait_with_output().map_err(|error| cannot(&error));
    let _ = writer.join();
    output
}

fn cannot(error: &io::Error) -> String {
    format!("git cannot be started: {error}")
}

/// What a command that ended well printed.
pub(super) fn good(output: &Output) -> Result<String, String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("git says no: {}", said(output)))
}

/// The last line that a command wrote on standard error.
pub(super) fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().rfind(|line| !line.trim().is_empty());
    line.unwrap_or_default().trim().to_owned()
}
