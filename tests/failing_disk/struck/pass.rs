//! One way through all calls of a command, each of which is struck in a run of its own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use nix::errno::Errno;

use super::calls::Kind;
use super::kernel::{Call, Ended, Fault, Orders, Which, Whose};
use super::site::Site;

/// So many run at once: most of a session is waiting for others.
const WORKERS: usize = 4;

/// What calls are told when they fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// That it cannot be: errors in turn, beginning with this one of them.
    Refused(usize),
    /// That a signal came: it is tried again without a word.
    Interrupted,
    /// That half of it was written: the rest follows.
    Short,
    /// The same of calls that make or change something.
    Unchanged(usize),
    /// That it cannot be read or looked at.
    Unread,
}

impl Way {
    /// Those that a command is struck in: the first error, and with `STEPGATE_FAULTS=all` every other one.
    pub(crate) fn beginning_with(first: usize) -> Vec<Self> {
        let mut ways = vec![Self::Refused(first)];
        if all() {
            let others = (0..3).filter(|other| *other != first);
            ways.extend(others.map(Self::Refused));
            ways.extend([Self::Interrupted, Self::Short, Self::Unread]);
        }
        ways
    }

    pub(crate) fn counts(self, call: &Call) -> bool {
        match self {
            Self::Refused(_) => !matches!(call.kind, Kind::Read | Kind::Look),
            Self::Unchanged(_) => !matches!(call.kind, Kind::Read | Kind::Look | Kind::Open),
            Self::Interrupted => {
                matches!(
                    call.kind,
                    Kind::Open | Kind::Make | Kind::Write | Kind::Sync | Kind::Set | Kind::Read
                ) && may_be_interrupted(call.name)
            }
            Self::Short => call.bytes.is_some_and(|bytes| bytes > 1),
            Self::Unread => matches!(call.kind, Kind::Read | Kind::Look),
        }
    }

    pub(crate) fn fault(self, call: &Call) -> Option<Fault> {
        let first = match self {
            Self::Refused(first) | Self::Unchanged(first) => first,
            Self::Interrupted => return Some(Fault::Error(Errno::EINTR)),
            Self::Short => return Some(Fault::Short),
            Self::Unread => return Some(Fault::Error(Errno::EIO)),
        };
        let errors: &[Errno] = match call.kind {
            Kind::Make | Kind::Write | Kind::Rename => &[Errno::ENOSPC, Errno::EIO, Errno::EROFS],
            Kind::Sync => &[Errno::EIO, Errno::ENOSPC],
            Kind::Remove | Kind::Set => &[Errno::EROFS, Errno::EIO],
            Kind::Open | Kind::Read | Kind::Look => &[Errno::EIO],
        };
        Some(Fault::Error(errors[(call.number + first) % errors.len()]))
    }
}

/// Calls that wait, and so may be told that a signal came; to open a folder is none of them.
fn may_be_interrupted(name: &str) -> bool {
    matches!(
        name,
        "open"
            | "openat"
            | "read"
            | "pread64"
            | "write"
            | "pwrite64"
            | "writev"
            | "pwritev"
            | "fsync"
            | "fdatasync"
            | "syncfs"
            | "ftruncate"
            | "fchmod"
    )
}

/// Whether every error is tried at every call.
pub(crate) fn all() -> bool {
    std::env::var_os("STEPGATE_FAULTS").is_some_and(|value| value == "all")
}

/// What was struck, and what is wrong with what came of it.
#[derive(Default)]
struct Outcome {
    runs: usize,
    wrong: Vec<String>,
}

/// A command whose calls fail.
pub(crate) struct Pass<'a> {
    pub(crate) args: &'a [&'a str],
    pub(crate) whose: Whose,
    pub(crate) way: Way,
    /// Of so many calls one is struck.
    pub(crate) stride: usize,
    /// Makes what the command is run on, once for each worker.
    pub(crate) fresh: &'a (dyn Fn() -> Site + Sync),
    /// Says what is wrong with a run that was struck, and with what comes after it.
    pub(crate) judge: &'a (dyn Fn(&Site, &Ended) -> Vec<String> + Sync),
}

impl<'a> Pass<'a> {
    /// All calls of the command's own are struck, and nothing of it is judged yet.
    pub(crate) fn own(args: &'a [&'a str], way: Way, fresh: &'a (dyn Fn() -> Site + Sync)) -> Self {
        Self {
            args,
            whose: Whose::Own,
            way,
            stride: 1,
            fresh,
            judge: &|_, _| Vec::new(),
        }
    }

    /// It is judged by this.
    pub(crate) fn judged(self, judge: &'a (dyn Fn(&Site, &Ended) -> Vec<String> + Sync)) -> Self {
        Self { judge, ..self }
    }

    /// Strikes the first, the second, … until a run is not struck; every one of them, and so many at least, must have done no harm.
    pub(crate) fn all_well(&self, what: &str, least: usize) {
        let outcome = self.one_by_one();
        let (runs, wrong, way) = (outcome.runs, outcome.wrong, self.way);
        eprintln!("{what}, {way:?}: {runs} calls one by one");
        assert!(
            wrong.is_empty(),
            "{what}, {way:?}: of {runs} calls:\n{}",
            wrong.join("\n")
        );
        assert!(runs >= least, "{what}, {way:?}: only {runs} calls");
    }

    fn one_by_one(&self) -> Outcome {
        let (next, outcome) = (AtomicUsize::new(1), Mutex::new(Outcome::default()));
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    let mut site = (self.fresh)();
                    let folder = site.project.folder();
                    loop {
                        site.begin();
                        let nth = Which::Nth(next.fetch_add(self.stride, Ordering::SeqCst));
                        let ended = self.strike(&site, &folder, nth);
                        let Some((call, fault)) = ended.struck.first() else {
                            return;
                        };
                        let wrong = (self.judge)(&site, &ended);
                        let mut outcome = outcome.lock().unwrap();
                        outcome.runs += 1;
                        outcome.wrong.extend(wrong.iter().map(|wrong| {
                            let path = call.path.strip_prefix(&folder).unwrap().display();
                            let (number, name) = (call.number, call.name);
                            format!(
                                "call {number}, {name} of {path}, {fault:?}: {wrong}\n{}",
                                ended.err
                            )
                        }));
                    }
                });
            }
        });
        outcome.into_inner().unwrap()
    }

    /// Strikes every call of one run.
    pub(crate) fn at_once(&self, site: &Site) -> Ended {
        self.strike(site, &site.project.folder(), Which::Each)
    }

    fn strike(&self, site: &Site, folder: &std::path::Path, which: Which) -> Ended {
        let orders = Orders {
            folder,
            whose: self.whose,
            counts: &|call| self.way.counts(call),
            which,
            fault: &|call| self.way.fault(call),
        };
        site.strike(self.args, &orders)
    }
}
