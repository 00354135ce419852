//! Git that takes bytes as they lie in the tree.

use std::path::Path;
use std::process::{Command, Output};

use crate::tree::safe_git::{self, not_started, safe, said};

/// What would change the bytes, leave files out, or keep an index in a form that we do not read.
const SETTINGS: [&str; 7] = [
    "core.autocrlf=false",
    "core.safecrlf=false",
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "core.logAllRefUpdates=false",
    "core.sparseCheckout=false",
    "index.sparse=false",
];

/// Git in a folder, on the repository that is around it.
pub(super) fn exact(folder: &Path) -> Command {
    let mut command = safe(folder);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command
}

/// What a command printed, however it ended; says in words why it could not be started.
pub(super) fn run(command: &mut Command) -> Result<Output, String> {
    command.output().map_err(|error| not_started(&error))
}

/// The same with these bytes on its standard input.
pub(super) fn feed(command: &mut Command, input: Vec<u8>) -> Result<Output, String> {
    safe_git::feed(command, input).map_err(|error| not_started(&error))
}

/// What a command that ended well printed.
pub(super) fn good(output: &Output) -> Result<String, String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("git says no: {}", said(output)))
}
