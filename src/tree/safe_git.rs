//! How git is started: nothing of a repository's configuration runs, and the environment names no other repository.
//!
//! Everything here that runs git begins with it. Beyond that two callers must differ. [`Git`](super::Git) does what the
//! user's own git would: what it commits is theirs, so it keeps their name and the conversions that they configured, and
//! where it fails that is a [`Failure`](crate::words::Failure) of the command. A [`Snapshot`](super::Snapshot) is of the bytes
//! as they lie in the tree, in a repository folder of ours: it switches every conversion off and needs no name, and where
//! git fails it only says why, since the bytes are then kept without git.

use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::words::printable_line;

/// What of git's configuration could make it run something, or work at what nobody asked for.
const SETTINGS: [&str; 5] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.addEmbeddedRepo=false",
];

/// Git in a folder, with nothing of the repository running.
pub(super) fn safe(folder: &Path) -> Command {
    let mut command = bare(folder);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command
}

/// Git in a folder, whatever the environment says of another repository. It may run what is configured, so this is for
/// questions about the configuration itself.
pub(super) fn bare(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder);
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

/// Runs a command with these bytes on its standard input; what it printed, however it ended.
pub(super) fn feed(command: &mut Command, input: Vec<u8>) -> io::Result<Output> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // Beside the reading, so that neither waits for the other; a git that reads no more says why itself.
        std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
    }
    child.wait_with_output()
}

/// Why git did not start, in words.
pub(super) fn not_started(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "git is not installed".to_owned(),
        _ => format!("git cannot be started: {error}"),
    }
}

/// What git said that failed, on one line: its first complaint, for hints and advice follow it.
pub(super) fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text
        .lines()
        .find_map(|line| {
            line.strip_prefix("fatal: ")
                .or_else(|| line.strip_prefix("error: "))
        })
        .or_else(|| {
            text.lines()
                .rfind(|line| !line.trim().is_empty() && !line.starts_with("hint:"))
        });
    match line {
        Some(line) => printable_line(line).into_owned(),
        None => format!("it ended with {}", output.status),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use super::*;

    #[test]
    fn the_first_complaint_is_what_git_said() {
        let cases = [
            (
                "fatal: detected dubious ownership in repository at '/x'\nTo add an exception, call:\n\n\tgit config --add safe.directory /x\n",
                "detected dubious ownership in repository at '/x'",
            ),
            (
                "warning: odd\nerror: open(\"a\"): Permission denied\nfatal: adding files failed\n",
                "open(\"a\"): Permission denied",
            ),
            ("one\ntwo\u{1b}[1m\nhint: three\n\n", "two\\u{1b}[1m"),
            ("\n", "it ended with exit status: 3"),
        ];
        for (stderr, expected) in cases {
            let output = Output {
                status: ExitStatus::from_raw(3 << 8),
                stdout: Vec::new(),
                stderr: stderr.into(),
            };
            assert_eq!(said(&output), expected, "{stderr}");
        }
    }
}
