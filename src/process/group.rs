use std::io;
use std::process::{Child, ChildStdin, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid,
};

/// A child that leads a process group of its own.
pub(crate) struct Group {
    child: Child,
    leader: Pid,
}

impl Group {
    /// Starts a command as the leader of a new group.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Self> {
        use std::os::unix::process::CommandExt as _;
        let child = command.process_group(0).spawn()?;
        let Ok(leader) = i32::try_from(child.id())
            .map_err(drop)
            .and_then(|id| Pid::from_raw(id).ok_or(()))
        else {
            return Err(io::Error::other("the process has no number"));
        };
        Ok(Self { child, leader })
    }

    /// What the leader reads, where it was asked for as a pipe.
    pub(crate) fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    pub(crate) fn id(&self) -> Pid {
        self.leader
    }

    /// Tells what the leader did, without taking its number away: it still names the group.
    pub(crate) fn look(&self) -> io::Result<Option<Change>> {
        let options =
            WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(self.leader), options) {
            Ok(Some(status)) if status.stopped() => Ok(Some(Change::Stopped)),
            Ok(Some(_)) => Ok(Some(Change::Ended)),
            Ok(None) | Err(rustix::io::Errno::INTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends a signal to all of the group. One that is gone is no error.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = kill_process_group(self.leader, signal);
        // A stopped process (one that read from a terminal not its own, say) sees no signal but KILL until it goes on.
        if signal != Signal::KILL && signal != Signal::STOP {
            let _ = kill_process_group(self.leader, Signal::CONT);
        }
    }

    /// The leader's standard input, where it is a pipe and was not taken yet.
    pub(super) fn input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Takes the leader's status away; to be called when it has ended.
    pub(crate) fn reap(&mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }

    /// Tells whether somebody is left in the group of a leader that was reaped.
    pub(crate) fn is_inhabited(&self) -> bool {
        test_kill_process_group(self.leader) != Err(rustix::io::Errno::SRCH) && has_living(self.leader)
    }
}

/// Tells whether a process of a group is more than a zombie. In a container whose first process reaps nobody, zombies
/// stay for ever. Where there is no `/proc`, every member counts.
fn has_living(group: Pid) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return true;
    };
    let mut looked = false;
    for process in processes.flatten() {
        let Ok(stat) = std::fs::read_to_string(process.path().join("stat")) else {
            continue;
        };
        looked = true;
        // The name, in parentheses, may hold anything: the fields after it are state, parent, group.
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
        let mut fields = fields.split(' ');
        let (state, member) = (fields.next(), fields.nth(1).and_then(|field| field.parse().ok()));
        if member == Some(group.as_raw_nonzero().get()) && !matches!(state, Some("Z" | "X")) {
            return true;
        }
    }
    !looked
}

/// What a leader did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Stopped,
    Ended,
}

/// Time in which we ran. A step longer than a second means that we were stopped (Ctrl-Z, a closed lid): it does not
/// count against a limit.
pub(crate) struct Clock {
    last: Instant,
    total: Duration,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            last: Instant::now(),
            total: Duration::ZERO,
        }
    }

    /// The time that has run until now; to be asked more often than once a second.
    pub(crate) fn tick(&mut self) -> Duration {
        let now = Instant::now();
        self.total += (now - self.last).min(Duration::from_secs(1));
        self.last = now;
        self.total
    }
}

/// The steps that end a group: INT (only when we were interrupted), TERM, KILL, each after a grace.
pub(crate) struct Ending {
    next: Option<Signal>,
    at: Duration,
    grace: Duration,
}

impl Ending {
    pub(crate) fn begin(first: Signal, now: Duration, grace: Duration) -> Self {
        Self {
            next: Some(first),
            at: now,
            grace,
        }
    }

    /// Sends what is due. Tells whether there is still hope that the group ends.
    pub(crate) fn step(&mut self, now: Duration, group: &Group) -> bool {
        if now < self.at {
            return true;
        }
        let Some(signal) = self.next else {
            return false;
        };
        group.signal(signal);
        self.at = now + self.grace;
        self.next = match signal {
            Signal::INT => Some(Signal::TERM),
            Signal::TERM => Some(Signal::KILL),
            _ => {
                // What does not even die of KILL hangs in the kernel; it is not waited for without end.
                self.at = now + Duration::from_secs(10);
                None
            }
        };
        true
    }
}
