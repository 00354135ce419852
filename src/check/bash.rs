use std::io;
use std::path::Path;
use std::process::Command;

use crate::words::{Exit, Failure};

/// `bash -e FILE` in a folder, without some variables.
pub(super) fn bash(script: &Path, folder: &Path, without: &[String]) -> Command {
    let mut command = Command::new("bash");
    command.arg("-e").arg(script).current_dir(folder);
    for name in without {
        command.env_remove(name);
    }
    command
}

pub(super) fn no_bash(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::NotFound {
        Failure::new(
            Exit::LocalIo,
            "no-bash",
            "cannot run the success check: `bash` is not in PATH",
        )
        .help("install bash, or verify the step by hand")
    } else {
        let text = format!("cannot start `bash`: {error}");
        Failure::new(Exit::LocalIo, "no-bash", text)
    }
}
