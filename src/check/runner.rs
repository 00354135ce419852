use std::fs;
use std::io::{self, PipeReader, Read as _};
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Signal;

use super::group::{Change, Clock, Ending, Group, bash, no_bash, status_of};
use super::marks;
use super::{Captured, Command, Outcome, Script, Status, split};
use crate::interrupt::{Attending, Interrupt};
use crate::words::Failure;

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

/// Times and sizes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// After this the group is ended. Default 10 min.
    pub timeout: Duration,
    /// After this [`Event::Slow`] is told, once. Default 60 s.
    pub warn: Duration,
    /// Time between INT, TERM and KILL. Default 2 s.
    pub grace: Duration,
    /// How long processes may outlive the shell. Default 300 ms.
    pub leak: Duration,
    /// Bytes of output that are kept. Default 256 KiB.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(600),
            warn: Duration::from_secs(60),
            grace: Duration::from_secs(2),
            leak: Duration::from_millis(300),
            output: 256 << 10,
        }
    }
}

/// What a run tells while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// More output, as it came. Not safe to show as it is.
    Output(&'a [u8]),
    /// It has run for this long and still runs; told once.
    Slow(Duration),
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
    let text = check.text.replace("\r\n", "\n");
    let mut commands = split(&text)?;
    let mut chosen = text.clone();
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
        .and_then(|()| fs::write(&prelude, marks::prelude(&marks, before.as_deref())))
        .and_then(|()| fs::write(&script, marks::with_marks(&chosen, &commands)))
        .map_err(failed)?;

    let (reader, writer) = io::pipe().map_err(|error| no_bash(&error))?;
    let second = writer.try_clone().map_err(|error| no_bash(&error))?;
    let mut shell = bash(&script, check.folder, check.without);
    shell.env("BASH_ENV", marks::unexpanded(&prelude));
    shell.stdin(Stdio::null()).stdout(writer).stderr(second);
    let attending = interrupt.attend();
    let group = Group::spawn(&mut shell).map_err(|error| no_bash(&error))?;
    // The command holds our ends of the pipe; the last writer must be the child.
    drop(shell);
    attending.group(Some(group.id()));
    let mut run = Run {
        limits: check.limits,
        attending,
        interrupt,
        group,
        reader: Some(reader),
        captured: Captured::new(check.limits.output),
        clock: Clock::start(),
    };
    let ended = run.until_end(tell).map_err(|error| no_bash(&error))?;
    let marks = fs::read(&marks).unwrap_or_default();
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

struct Run<'a> {
    limits: Limits,
    attending: Attending,
    interrupt: &'a Interrupt,
    group: Group,
    reader: Option<PipeReader>,
    captured: Captured,
    clock: Clock,
}

struct Ended {
    status: Status,
    captured: Captured,
    took: Duration,
    /// Since the epoch, as the marks tell time.
    at: Duration,
    left_processes: bool,
}

impl Run<'_> {
    fn until_end(&mut self, tell: &mut dyn FnMut(Event<'_>)) -> io::Result<Ended> {
        let mut verdict: Option<Status> = None;
        let mut ending: Option<Ending> = None;
        let mut warned = false;
        let mut wait = Duration::from_millis(1);
        // Until the shell ends: pass on what it writes, warn once, end the group when it must end.
        let took = loop {
            wait = if self.read(wait, tell)? {
                Duration::from_millis(1)
            } else {
                (wait * 2).min(Duration::from_millis(50))
            };
            let now = self.clock.tick();
            if self.group.look()? == Some(Change::Ended) {
                break now;
            }
            if now >= self.limits.warn && !warned && ending.is_none() {
                warned = true;
                tell(Event::Slow(now));
            }
            if ending.is_none() {
                if let Some(signal) = self.interrupt.raised() {
                    verdict = Some(Status::Interrupted(signal));
                    ending = Some(Ending::begin(Signal::INT, now, self.limits.grace));
                } else if now >= self.limits.timeout {
                    verdict = Some(Status::TimedOut(self.limits.timeout));
                    ending = Some(Ending::begin(Signal::TERM, now, self.limits.grace));
                }
            }
            if let Some(ending) = &mut ending
                && !ending.step(now, &self.group)
            {
                break now;
            }
        };
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // The number is given back to the system with the status: from here on nobody else may signal the group.
        self.attending.group(None);
        let status = match self.group.look()? {
            Some(Change::Ended) => status_of(self.group.reap()?),
            _ => Status::NotStarted("the shell did not end even when killed".to_owned()),
        };
        let left_processes = self.see_off(took, tell)?;
        Ok(Ended {
            status: verdict.unwrap_or(status),
            captured: std::mem::take(&mut self.captured),
            took,
            at,
            left_processes,
        })
    }

    /// Gives the others a short time to end after the shell, then kills them. Tells whether any were left.
    fn see_off(&mut self, since: Duration, tell: &mut dyn FnMut(Event<'_>)) -> io::Result<bool> {
        let until = since + self.limits.leak;
        while self.reader.is_some() || self.group.is_inhabited() {
            if self.clock.tick() >= until {
                self.group.signal(Signal::KILL);
                // What is in the pipe still counts; whoever holds it after the KILL is in a group of its own.
                let last = self.clock.tick() + self.limits.leak;
                while self.clock.tick() < last && self.read(Duration::from_millis(5), tell)? {}
                return Ok(true);
            }
            self.read(Duration::from_millis(10), tell)?;
        }
        Ok(false)
    }

    /// Waits for output and passes it on. Tells whether there was some.
    fn read(&mut self, wait: Duration, tell: &mut dyn FnMut(Event<'_>)) -> io::Result<bool> {
        let Some(reader) = &mut self.reader else {
            std::thread::sleep(wait);
            return Ok(false);
        };
        let wait = Timespec::try_from(wait).unwrap_or(Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        });
        let mut ready = [PollFd::new(&*reader, PollFlags::IN)];
        match poll(&mut ready, Some(&wait)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(false),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let mut bytes = [0; 64 << 10];
        match reader.read(&mut bytes) {
            Ok(0) => self.reader = None,
            Ok(length) => {
                self.captured.push(&bytes[..length]);
                tell(Event::Output(&bytes[..length]));
                return Ok(true);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(false)
    }
}
