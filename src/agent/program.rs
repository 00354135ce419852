use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::words::{Exit, Failure, printable_line};

/// The file that a program's name stands for: a path as it is, a bare name in the folders of PATH.
///
/// A folder of PATH that is relative is passed over: it would lead into whatever repository is worked in. Fails with exit
/// 12 where there is no such file, or none that may be run.
pub(super) fn find(program: &Path, path: Option<&OsStr>, endpoint: &str) -> Result<PathBuf, Failure> {
    let shown = printable_line(&program.to_string_lossy()).into_owned();
    if program.components().count() > 1 || program.is_absolute() {
        return match look(program) {
            Look::Runs => std::path::absolute(program).map_err(|error| Failure::io("find", program, &error)),
            Look::CannotRun => Err(missing(
                endpoint,
                &format!("`{shown}` is not an executable file"),
                "make it executable with `chmod +x`, or name its interpreter first",
            )),
            Look::Absent => Err(missing(
                endpoint,
                &format!("there is no file `{shown}`"),
                "put the agent there, or correct `command` in your configuration",
            )),
        };
    }
    let folders = path.map(std::env::split_paths).into_iter().flatten();
    let mut unfit = false;
    for folder in folders.filter(|folder| folder.is_absolute()) {
        let file = folder.join(program);
        match look(&file) {
            Look::Runs => return Ok(file),
            Look::CannotRun => unfit = true,
            Look::Absent => {}
        }
    }
    let what = if unfit {
        format!("no `{shown}` in PATH is an executable file")
    } else {
        format!("`{shown}` is not in PATH")
    };
    Err(missing(
        endpoint,
        &what,
        "install it, or write its whole path into `command` in your configuration",
    ))
}

fn missing(endpoint: &str, what: &str, help: &str) -> Failure {
    let text = format!("the agent of endpoint `{endpoint}` cannot be run: {what}");
    Failure::new(Exit::AgentFailed, "agent-missing", text)
        .help(help)
        .help("nothing was run or changed")
}

enum Look {
    Runs,
    CannotRun,
    Absent,
}

fn look(file: &Path) -> Look {
    match file.metadata() {
        Ok(data) if data.is_file() && data.permissions().mode() & 0o111 != 0 => Look::Runs,
        Ok(_) => Look::CannotRun,
        Err(_) => Look::Absent,
    }
}
