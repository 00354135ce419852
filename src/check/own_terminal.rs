use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcsetattr, tcsetpgrp};

use super::Status;
use super::group::{Change, Clock, Ending, Group, bash, no_bash, status_of};
use crate::interrupt::{Interrupt, own_group, without_ttou};
use crate::words::{Exit, Failure};

/// A block that a person runs in their own terminal: it may ask them things, and they may end it with Ctrl-C.
#[derive(Debug, Clone, Copy)]
pub struct OwnTerminal<'a> {
    /// The text to run.
    pub text: &'a str,
    /// The folder to run in: the repository's root.
    pub folder: &'a Path,
    /// A private folder for the script file, which is removed after.
    pub scratch: &'a Path,
    /// Environment variables that are taken away: those that hold keys.
    pub without: &'a [String],
}

/// Runs a block as `bash -e` with the terminal handed over, takes it back, restores its modes, and tells how it ended.
///
/// There is no limit of time: the person sits in front of it. A Ctrl-C is theirs and the block's, not ours; TERM and HUP
/// to stepgate end the block. Fails with exit 5 when standard input is no terminal, with exit 9 when there is no bash.
pub fn run_in_terminal(block: &OwnTerminal<'_>, interrupt: &Interrupt) -> Result<Status, Failure> {
    if !isatty(rustix::stdio::stdin()) {
        return Err(Failure::new(
            Exit::NeedsHuman,
            "no-terminal",
            "the success check can only be run in your terminal where standard input is one",
        ));
    }
    if let Some(signal) = interrupt.raised() {
        return Ok(Status::Interrupted(signal));
    }
    let failed = |error: std::io::Error| Failure::io("write the check into", block.scratch, &error);
    let scratch = tempfile::Builder::new()
        .prefix("check-")
        .tempdir_in(block.scratch)
        .map_err(failed)?;
    let script = scratch.path().join("check");
    fs::write(&script, block.text.replace("\r\n", "\n")).map_err(failed)?;
    // In a thread of its own, so that only it has TTOU held back.
    let run = || hand_over(&script, block, interrupt);
    std::thread::scope(|scope| scope.spawn(run).join()).unwrap_or_else(|_| {
        Err(Failure::new(
            Exit::LocalIo,
            "local-io",
            "the check's terminal was lost",
        ))
    })
}

fn hand_over(script: &Path, block: &OwnTerminal<'_>, interrupt: &Interrupt) -> Result<Status, Failure> {
    if !without_ttou() {
        return Err(Failure::new(
            Exit::LocalIo,
            "local-io",
            "cannot hold back a signal of the terminal",
        ));
    }
    let Some(terminal) = Lent::new() else {
        return Err(Failure::new(
            Exit::NeedsHuman,
            "no-terminal",
            "the success check cannot be run in your terminal: it belongs to a process outside this container",
        )
        .help("start stepgate from a shell of its own, such as `setsid --ctty --wait stepgate run PLAN`"));
    };
    let attending = interrupt.attend();
    let mut group =
        Group::spawn(&mut bash(script, block.folder, block.without)).map_err(|error| no_bash(&error))?;
    attending.group(Some(group.id()));
    terminal.lend(group.id());
    // It may have asked for the terminal before it was given, and been stopped for it.
    group.signal(Signal::CONT);

    let mut clock = Clock::start();
    let mut ending: Option<(Ending, u8)> = None;
    loop {
        std::thread::sleep(Duration::from_millis(10));
        let now = clock.tick();
        match group.look().map_err(|error| no_bash(&error))? {
            Some(Change::Ended) => break,
            Some(Change::Stopped) => {
                // Ctrl-Z: all of the session goes to the background, as one would expect of one command.
                terminal.take_back();
                interrupt.suspend_session();
                terminal.lend(group.id());
                group.signal(Signal::CONT);
            }
            None => {}
        }
        if let (None, Some(signal)) = (&ending, interrupt.raised()) {
            ending = Some((Ending::begin(Signal::INT, now, Duration::from_secs(2)), signal));
        }
        if let Some((ending, _)) = &mut ending
            && !ending.step(now, &group)
        {
            break;
        }
    }
    attending.group(None);
    let status = match (ending, group.look()) {
        (Some((_, signal)), Ok(Some(Change::Ended))) => {
            group.reap().map_err(|error| no_bash(&error))?;
            Status::Interrupted(signal)
        }
        (Some((_, signal)), _) => Status::Interrupted(signal),
        (None, _) => status_of(group.reap().map_err(|error| no_bash(&error))?),
    };
    Ok(status)
}

/// The terminal on standard input, taken back with its modes when this is dropped.
struct Lent {
    ours: Pid,
    modes: Option<Termios>,
}

impl Lent {
    /// `None` where our own group has no number to give the terminal back to.
    fn new() -> Option<Self> {
        Some(Self {
            ours: own_group()?,
            modes: tcgetattr(rustix::stdio::stdin()).ok(),
        })
    }

    fn lend(&self, group: Pid) {
        let _ = tcsetpgrp(rustix::stdio::stdin(), group);
    }

    fn take_back(&self) {
        let _ = tcsetpgrp(rustix::stdio::stdin(), self.ours);
        if let Some(modes) = &self.modes {
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, modes);
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.take_back();
    }
}
