use std::io::{self, PipeReader, Read as _, Write as _};
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::Signal;

use super::{Captured, Change, Clock, Ending, Fault, Group, Status};
use crate::interrupt::{Attending, Interrupt};
use crate::words::Joiner;

/// When nothing has come for so long, somebody may wait for us to read what is there.
const PAUSE: Duration = Duration::from_millis(100);

/// Times and sizes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// After this the group is ended. Default 10 min.
    pub timeout: Duration,
    /// After this [`Event::Slow`] is told, once. Default 60 s.
    pub warn: Duration,
    /// Time between INT, TERM and KILL. Default 2 s.
    pub grace: Duration,
    /// How long processes may outlive the leader. Default 300 ms.
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
    /// More output, without known secrets and in whole characters, where it is text. Not safe to show as it is.
    Output(&'a [u8]),
    /// It has run for this long and still runs; told once.
    Slow(Duration),
}

/// What a run needs beside its command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// What it reads on its standard input, which is empty without.
    pub(crate) input: Option<&'a [u8]>,
    /// Times and sizes.
    pub(crate) limits: Limits,
    /// Signals.
    pub(crate) interrupt: &'a Interrupt,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ended {
    /// How its leader ended.
    pub(crate) status: Status,
    /// What it wrote.
    pub(crate) captured: Captured,
    /// How long it took, without the time that stepgate was stopped.
    pub(crate) took: Duration,
    /// When it ended, since the epoch.
    pub(crate) at: Duration,
    /// Whether processes were still there when the leader had ended; they were killed.
    pub(crate) left_processes: bool,
}

/// Runs a command as the leader of a process group, and waits for its end.
///
/// Standard output and standard error are one pipe. The group is ended when the time is over, when the interrupt is
/// raised, and when the leader is gone and others are not. A command that does not read its input to the end does so at
/// its leisure: that is no error. Fails where it cannot be started or watched; everything else is a status.
pub(crate) fn run(
    mut command: Command,
    around: &Surroundings<'_>,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Ended, Fault> {
    let (reader, writer) = io::pipe().map_err(Fault::NotStarted)?;
    let second = writer.try_clone().map_err(Fault::NotStarted)?;
    let input = match around.input {
        Some(_) => Stdio::piped(),
        None => Stdio::null(),
    };
    command.stdin(input).stdout(writer).stderr(second);
    let attending = around.interrupt.attend();
    let mut group = Group::spawn(&mut command).map_err(Fault::NotStarted)?;
    // The command holds our ends of the pipe; the last writer must be the child.
    drop(command);
    attending.group(Some(group.id()));
    let feed = match Feed::of(&mut group, around.input) {
        Ok(feed) => feed,
        Err(error) => {
            group.signal(Signal::KILL);
            return Err(Fault::Lost(error));
        }
    };
    let mut run = Run {
        limits: around.limits,
        attending,
        interrupt: around.interrupt,
        group,
        reader: Some(reader),
        feed,
        joiner: Joiner::new(),
        captured: Captured::new(around.limits.output),
        clock: Clock::start(),
    };
    run.until_end(tell).map_err(|error| {
        run.group.signal(Signal::KILL);
        Fault::Lost(error)
    })
}

/// What is still to be written to the leader's standard input, which is closed after.
struct Feed<'a> {
    pipe: ChildStdin,
    rest: &'a [u8],
}

impl<'a> Feed<'a> {
    fn of(group: &mut Group, input: Option<&'a [u8]>) -> io::Result<Option<Self>> {
        let (Some(pipe), Some(rest)) = (group.input(), input) else {
            return Ok(None);
        };
        // Only our end: who reads is asked for no patience, and who does not read keeps nobody from the output.
        fcntl_setfl(&pipe, fcntl_getfl(&pipe)? | OFlags::NONBLOCK)?;
        Ok(Some(Self { pipe, rest }))
    }

    /// Writes what there is room for. Tells whether more is to come; a reader that left wants no more.
    fn write(&mut self) -> bool {
        match self.pipe.write(self.rest) {
            Ok(length) => self.rest = &self.rest[length..],
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) => {}
            Err(_) => return false,
        }
        !self.rest.is_empty()
    }
}

struct Run<'a> {
    limits: Limits,
    attending: Attending,
    interrupt: &'a Interrupt,
    group: Group,
    reader: Option<PipeReader>,
    feed: Option<Feed<'a>>,
    joiner: Joiner,
    captured: Captured,
    clock: Clock,
}

impl Run<'_> {
    fn until_end(&mut self, tell: &mut dyn FnMut(Event<'_>)) -> io::Result<Ended> {
        let mut verdict: Option<Status> = None;
        let mut ending: Option<Ending> = None;
        let mut warned = false;
        let mut wait = Duration::from_millis(1);
        let mut heard = Duration::ZERO;
        // Until the leader ends: pass on what it writes, warn once, end the group when it must end.
        let took = loop {
            let busy = self.read(wait, tell)?;
            let now = self.clock.tick();
            if busy {
                heard = now;
                wait = Duration::from_millis(1);
            } else {
                wait = (wait * 2).min(Duration::from_millis(50));
            }
            if now >= heard + PAUSE {
                let more = self.joiner.pause();
                pass_on(&mut self.captured, &more, tell);
            }
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
            Some(Change::Ended) => Status::of(self.group.reap()?),
            _ => Status::NotStarted("it did not end even when killed".to_owned()),
        };
        let left_processes = self.see_off(took, tell)?;
        pass_on(&mut self.captured, &self.joiner.rest(), tell);
        Ok(Ended {
            status: verdict.unwrap_or(status),
            captured: std::mem::take(&mut self.captured),
            took,
            at,
            left_processes,
        })
    }

    /// Gives the others a short time to end after the leader, then kills them. Tells whether any were left.
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
        if self.reader.is_none() && self.feed.is_none() {
            std::thread::sleep(wait);
            return Ok(false);
        }
        let wait = Timespec::try_from(wait).unwrap_or(Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        });
        let mut ready = Vec::with_capacity(2);
        if let Some(reader) = &self.reader {
            ready.push(PollFd::new(reader, PollFlags::IN));
        }
        if let Some(feed) = &self.feed {
            ready.push(PollFd::new(&feed.pipe, PollFlags::OUT));
        }
        match poll(&mut ready, Some(&wait)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(false),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let readable = self.reader.is_some() && !ready[0].revents().is_empty();
        let mut busy = false;
        if let Some(feed) = &mut self.feed {
            // Without readiness nothing is written: the pipe does not block.
            let before = feed.rest.len();
            let more = feed.write();
            busy = feed.rest.len() != before;
            if !more {
                self.feed = None;
            }
        }
        Ok(readable && self.take(tell)? || busy)
    }

    fn take(&mut self, tell: &mut dyn FnMut(Event<'_>)) -> io::Result<bool> {
        let Some(reader) = &mut self.reader else {
            return Ok(false);
        };
        let mut bytes = [0; 64 << 10];
        match reader.read(&mut bytes) {
            Ok(0) => self.reader = None,
            Ok(length) => {
                let clean = self.joiner.pass(&bytes[..length]);
                pass_on(&mut self.captured, &clean, tell);
                return Ok(true);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(false)
    }
}

/// The one way out for what a process wrote: to what is kept of it, and to whoever watches.
fn pass_on(captured: &mut Captured, bytes: &[u8], tell: &mut dyn FnMut(Event<'_>)) {
    if !bytes.is_empty() {
        captured.push(bytes);
        tell(Event::Output(bytes));
    }
}
