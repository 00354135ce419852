use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use super::bash::{bash, no_bash};
use super::marks;
use super::{Captured, Command, Event, Limits, Outcome, Script, Status, split};
use crate::interrupt::Interrupt;
use crate::process::{self, Fault, Surroundings};
use crate::words::{Failure, unix_lines};

/// A block to run. That it [is runnable](Script::runnable), and that a person agreed, is the caller's to know.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    /// The block's text.
    pub text: &'a str,
    /// The commands to run, by their lines; `None` runs all of the block.
    pub chosen: Option<&'a [RangeInclusive<usize>]>,
    /// The folder to run in: the repository's root.
    pub folder: &'a Path,
    /// A private folder for the script file and the marks; they are removed after.
    pub scratch: &'a Path,
    /// Environment variables that are taken away: those that hold keys.
    pub without: &'a [String],
    /// Times and sizes.
    pub limits: Limits,
}

/// Runs a block as one `bash -e`, and waits for its end.
///
/// Standard input is empty; standard output and standard error are one pipe. The shell leads a process group, which is
/// ended when the time is over, when `interrupt` is raised, and when the shell is gone and others are not. Fails with
/// exit 9 when there is no bash or the scratch folder cannot be written; everything else is an outcome.
pub fn run(
    check: &Check<'_>,
    interrupt: &Interrupt,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Outcome, Failure> {
    // A carriage return before the line feed belongs to the plan's line ends, and would be part of a word to bash.
    let text = unix_lines(check.text);
    let mut commands = split(&text)?;
    let mut chosen = text.to_string();
    if let Some(lines) = check.chosen {
        let script = Script {
            language: "",
            text: &text,
        };
        commands.retain(|command| lines.contains(&command.lines));
        let kept: Vec<_> = commands.iter().map(|command| command.lines.clone()).collect();
        chosen = script.only(&kept);
    }
    if commands.is_empty() {
        return Ok(not_started(
            check,
            &commands,
            Status::NotStarted("no command was chosen".to_owned()),
        ));
    }
    if let Some(signal) = interrupt.raised() {
        return Ok(not_started(check, &commands, Status::Interrupted(signal)));
    }
    if !check.folder.is_dir() {
        let why = format!("`{}` is not a folder", check.folder.display());
        return Ok(not_started(check, &commands, Status::NotStarted(why)));
    }
    let failed = |error: io::Error| Failure::io("write the check into", check.scratch, &error);
    let scratch = tempfile::Builder::new()
        .prefix("check-")
        .tempdir_in(check.scratch)
        .map_err(failed)?;
    let marks = scratch.path().join("marks");
    let prelude = scratch.path().join("prelude");
    let script = scratch.path().join("check");
    let before = std::env::var("BASH_ENV")
        .ok()
        .filter(|_| !check.without.iter().any(|name| name == "BASH_ENV"));
    fs::write(&marks, "")
        .and_then(|()| fs::write(&prelude, marks::prelude(&marks, before.as_deref(), &commands)))
        .and_then(|()| fs::write(&script, marks::with_marks(&chosen, &commands)))
        .map_err(failed)?;

    let mut shell = bash(&script, check.folder, check.without);
    shell.env("BASH_ENV", marks::unexpanded(&prelude));
    let around = Surroundings {
        input: None,
        limits: check.limits,
        interrupt,
    };
    let ended = process::run(shell, &around, tell).map_err(|fault| match fault {
        Fault::NotStarted(error) => no_bash(&error),
        Fault::Lost(error) => Failure::io("watch the check in", check.folder, &error),
    })?;
    let marks = match fs::read(&marks) {
        Ok(marks) => marks,
        // A check may have taken them away: then nothing is known of its commands one by one.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Failure::io("read what the check left in", check.scratch, &error)),
    };
    let marks = String::from_utf8_lossy(&marks);
    Ok(Outcome {
        commands: marks::results(&commands, &marks, &ended.status, ended.at),
        status: ended.status,
        output: ended.captured,
        took: ended.took,
        left_processes: ended.left_processes,
    })
}

fn not_started(check: &Check<'_>, commands: &[Command], status: Status) -> Outcome {
    Outcome {
        commands: marks::results(commands, "", &status, Duration::ZERO),
        status,
        output: Captured::new(check.limits.output),
        took: Duration::ZERO,
        left_processes: false,
    }
}
