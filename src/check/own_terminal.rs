use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcsetattr, tcsetpgrp};

use super::Status;
use super::bash::{bash, no_bash};
use crate::interrupt::{Interrupt, own_group, without_ttou};
use crate::process::{Change, Clock, Ending, Group};
use crate::words::{Exit, Failure, unix_lines};

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
    fs::write(&script, unix_lines(block.text).as_bytes()).map_err(failed)?;
    let ran = in_terminal(&mut bash(&script, block.folder, block.without), None, interrupt);
    ran.map_err(|error| match error {
        Unlent::Io(error) => no_bash(&error),
        Unlent::NoGroup => Failure::new(
            Exit::NeedsHuman,
            "no-terminal",
            "the success check cannot be run in your terminal: it belongs to a process outside this container",
        )
        .help("start stepgate from a shell of its own, such as `setsid --ctty --wait stepgate run PLAN`"),
        Unlent::Lost => Failure::new(Exit::LocalIo, "local-io", "the check's terminal was lost"),
    })
}

/// Why a program did not get the terminal.
#[derive(Debug)]
pub enum Unlent {
    /// It was not started, or lost; what the system said.
    Io(std::io::Error),
    /// Our own process group has no number here, so the terminal could not be taken back.
    NoGroup,
    /// A signal of the terminal could not be held back.
    Lost,
}

/// Runs a program with the terminal on standard input handed over to it, takes the terminal back, restores its modes, and
/// tells how the program ended. `input` is written to its standard input, which is then no terminal; a program that does
/// not read it to its end is not asked why.
///
/// A Ctrl-C is the program's and not ours; TERM and HUP to stepgate end it.
pub fn in_terminal(
    command: &mut Command,
    input: Option<&[u8]>,
    interrupt: &Interrupt,
) -> Result<Status, Unlent> {
    // In a thread of its own, so that only it has TTOU held back.
    let run = || hand_over(command, input, interrupt);
    std::thread::scope(|scope| scope.spawn(run).join()).unwrap_or(Err(Unlent::Lost))
}

fn hand_over(command: &mut Command, input: Option<&[u8]>, interrupt: &Interrupt) -> Result<Status, Unlent> {
    if !without_ttou() {
        return Err(Unlent::Lost);
    }
    let terminal = Lent::new().ok_or(Unlent::NoGroup)?;
    let attending = interrupt.attend();
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut group = Group::spawn(command).map_err(Unlent::Io)?;
    attending.group(Some(group.id()));
    terminal.lend(group.id());
    // It may have asked for the terminal before it was given, and been stopped for it.
    group.signal(Signal::CONT);
    let pipe = group.take_stdin().zip(input);
    std::thread::scope(|scope| {
        if let Some((mut pipe, input)) = pipe {
            // Whoever has seen enough closes the pipe.
            scope.spawn(move || drop(pipe.write_all(input)));
        }
        let status = watch(&mut group, &terminal, interrupt);
        attending.group(None);
        status
    })
    .map_err(Unlent::Io)
}

/// Waits until the leader of a group ends, or ends it where a signal asks for that.
fn watch(group: &mut Group, terminal: &Lent, interrupt: &Interrupt) -> std::io::Result<Status> {
    let mut clock = Clock::start();
    let mut ending: Option<(Ending, u8)> = None;
    loop {
        std::thread::sleep(Duration::from_millis(10));
        let now = clock.tick();
        match group.look()? {
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
            && !ending.step(now, group)
        {
            break;
        }
    }
    match (ending, group.look()) {
        (Some((_, signal)), Ok(Some(Change::Ended))) => {
            group.reap()?;
            Ok(Status::Interrupted(signal))
        }
        (Some((_, signal)), _) => Ok(Status::Interrupted(signal)),
        (None, _) => Ok(Status::of(group.reap()?)),
    }
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
