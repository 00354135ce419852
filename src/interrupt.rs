//! Signals, noted once and asked for by whoever waits.
//!
//! Who can wait for long (the check, the client) holds an [`Attending`] and asks [`Interrupt::raised`]. While nobody
//! attends, a signal means that a prompt blocks at the terminal: the process leaves by itself. That is always safe,
//! because every durable state is written before the act that it announces.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, Signal as TtySignal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_current_process_group, kill_process_group};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetpgrp, tcsetattr};
use signal_hook::consts::signal::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use crate::words::{Exit, Failure, secrets};

/// A second Ctrl-C within this time leaves at once.
const IMPATIENCE: Duration = Duration::from_secs(1);

/// Tells whether a signal asked the process to end. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    signal: Arc<AtomicU8>,
    watch: Arc<Watch>,
}

#[derive(Debug, Default)]
struct Watch {
    attending: AtomicUsize,
    /// Process group of the child that runs, killed when the process leaves at once.
    group: Mutex<Option<Pid>>,
    /// How often the process went on after a stop.
    continued: AtomicUsize,
    /// Temporary folders, which no destructor removes when the process leaves at once.
    folders: Mutex<Vec<PathBuf>>,
    last_words: Mutex<String>,
}

impl Interrupt {
    /// Listens to INT, TERM, HUP and TSTP in a thread from now on. To be called once, before the first prompt: it
    /// remembers how the terminal was.
    ///
    /// A signal that asks to end is noted while somebody attends. Otherwise the thread puts the terminal back and ends
    /// the process with 128 + the number; so does a second Ctrl-C within a second, attended or not, after it killed the
    /// child's group. TSTP stops the child's group with us, and both go on together.
    pub fn listen() -> Result<Self, Failure> {
        let interrupt = Self::default();
        let failed = |error: std::io::Error| {
            Failure::new(
                Exit::LocalIo,
                "local-io",
                format!("cannot listen to signals: {error}"),
            )
        };
        let signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT]).map_err(failed)?;
        let listener = interrupt.clone();
        let terminal = Terminal::remember();
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || listener.watch(signals, &terminal))
            .map_err(failed)?;
        leave_to_listener();
        Ok(interrupt)
    }

    /// The number of the first signal that asked to end, if one did.
    pub fn raised(&self) -> Option<u8> {
        match self.signal.load(Ordering::SeqCst) {
            0 => None,
            number => Some(number),
        }
    }

    /// Fails, without a word, once a signal asked to end.
    pub fn check(&self) -> Result<(), Failure> {
        match self.raised() {
            None => Ok(()),
            Some(signal) => Err(Failure::silent(Exit::Signal(signal))),
        }
    }

    /// Notes a signal. The first one stays.
    pub fn raise(&self, signal: u8) {
        let _ = self
            .signal
            .compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Promises to ask [`raised`](Self::raised) every now and then until the guard is dropped, and once more after.
    #[must_use = "the promise ends when the guard is dropped"]
    pub fn attend(&self) -> Attending {
        self.watch.attending.fetch_add(1, Ordering::SeqCst);
        Attending {
            watch: Arc::clone(&self.watch),
        }
    }

    /// Names a temporary folder that is to be removed when a signal ends the process; whoever made it removes it
    /// otherwise.
    pub fn remove_when_leaving(&self, folder: &Path) {
        self.watch.folders().push(folder.to_path_buf());
    }

    /// Says what is to be told when a signal ends the process at a question or at once: with its line end.
    pub fn last_words(&self, text: &str) {
        text.clone_into(&mut self.watch.words());
    }

    fn watch(&self, mut signals: Signals, terminal: &Terminal) {
        // Setting the terminal from a background group would stop the process right when it wants to leave.
        let _ = without_ttou();
        let mut last: Option<Instant> = None;
        let mut stopped: Option<Stopped> = None;
        for signal in signals.forever() {
            if signal == SIGTSTP {
                stopped = self.suspend(terminal).or(stopped);
                continue;
            }
            if signal == SIGCONT {
                self.watch.continued.fetch_add(1, Ordering::SeqCst);
                if let Some(stopped) = stopped.take() {
                    self.resume(&stopped, terminal);
                }
                continue;
            }
            let number = u8::try_from(signal).unwrap_or(1);
            self.raise(number);
            let again = signal == SIGINT && last.is_some_and(|at| at.elapsed() < IMPATIENCE);
            if signal == SIGINT {
                last = Some(Instant::now());
            }
            if again || self.watch.attending.load(Ordering::SeqCst) == 0 {
                if let Some(group) = *self.watch.group() {
                    let _ = kill_process_group(group, Signal::KILL);
                }
                terminal.leave();
                say(&secrets::redact_bytes(self.watch.words().as_bytes()));
                for folder in &*self.watch.folders() {
                    // Whoever made it may be removing it too.
                    let _ = std::fs::remove_dir_all(folder);
                }
                // No destructors and no locks: another thread may hold the one of stdout.
                signal_hook::low_level::exit(i32::from(Exit::Signal(number).code()));
            }
        }
    }

    /// Stops the child's group and ours as Ctrl-Z does. An orphaned group is left alone: nobody could ever continue it.
    fn suspend(&self, terminal: &Terminal) -> Option<Stopped> {
        if is_orphan() {
            return None;
        }
        if let Some(group) = *self.watch.group() {
            let _ = kill_process_group(group, Signal::STOP);
        }
        let modes = terminal.leave();
        // Another thread may take this signal, so this one may run on a little: what is to be done later waits for CONT.
        let _ = kill_current_process_group(Signal::STOP);
        Some(Stopped { modes })
    }

    fn resume(&self, stopped: &Stopped, terminal: &Terminal) {
        terminal.set(stopped.modes.as_ref());
        // Asked for anew: the child may have ended and its number been given away meanwhile.
        if let Some(group) = *self.watch.group() {
            let _ = kill_process_group(group, Signal::CONT);
        }
    }

    /// Stops our group, for who has lent the terminal and taken it back, and returns when it goes on.
    pub(crate) fn suspend_session(&self) {
        if is_orphan() {
            return;
        }
        let before = self.watch.continued.load(Ordering::SeqCst);
        let _ = kill_current_process_group(Signal::STOP);
        // Counted in turns, not in time: while we are stopped no turn is taken. Without a listener nobody counts CONT.
        for _ in 0..100 {
            if self.watch.continued.load(Ordering::SeqCst) != before {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// How the terminal was when we were stopped.
struct Stopped {
    modes: Option<Termios>,
}

/// Tells whether no parent in our terminal session could continue us.
fn is_orphan() -> bool {
    let parent = nix::unistd::getppid();
    // The number is 0 where the parent is outside our process namespace, as for the first process of a container; so is
    // that of a session which was begun outside. The other library takes that for impossible.
    parent.as_raw() == 0 || nix::unistd::getsid(Some(parent)) != nix::unistd::getsid(None)
}

/// Our own process group; `None` where it was made outside our process namespace and so has no number here.
pub(crate) fn own_group() -> Option<Pid> {
    Pid::from_raw(nix::unistd::getpgrp().as_raw())
}

/// Leaves signals to the listening thread. One that hit the thread of a question would cut its read short, which the
/// library at the terminal takes for Ctrl-C. INT stays: that library raises it in this very thread when it reads Ctrl-C.
/// Children do not inherit this: the standard library clears the mask of what it starts.
fn leave_to_listener() {
    let mut set = SigSet::empty();
    for signal in [
        TtySignal::SIGTERM,
        TtySignal::SIGHUP,
        TtySignal::SIGTSTP,
        TtySignal::SIGCONT,
    ] {
        set.add(signal);
    }
    // Where it fails, a signal at a question ends the session with the code of Ctrl-C.
    let _ = set.thread_block();
}

/// Holds TTOU back from this thread, so that it may set the terminal while another group is in its foreground.
///
/// A handler would not do: the kernel restarts the call after it, for ever.
pub(crate) fn without_ttou() -> bool {
    let mut set = SigSet::empty();
    set.add(TtySignal::SIGTTOU);
    set.thread_block().is_ok()
}

/// Somebody asks [`Interrupt::raised`] while this lives, so a signal is only noted.
#[derive(Debug)]
pub struct Attending {
    watch: Arc<Watch>,
}

impl Attending {
    /// Names the process group that is to be stopped, continued or killed with us; `None` before it is reaped.
    pub(crate) fn group(&self, group: Option<Pid>) {
        *self.watch.group() = group;
    }
}

impl Drop for Attending {
    fn drop(&mut self) {
        self.watch.attending.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Watch {
    fn group(&self) -> std::sync::MutexGuard<'_, Option<Pid>> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn words(&self) -> std::sync::MutexGuard<'_, String> {
        self.last_words.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folders(&self) -> std::sync::MutexGuard<'_, Vec<PathBuf>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes on standard error if that takes it now, without the lock of that: whoever holds it may wait for ever.
fn say(text: &[u8]) {
    let stderr = rustix::stdio::stderr();
    let mut ready = [PollFd::new(&stderr, PollFlags::OUT)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    if poll(&mut ready, Some(&now)).is_ok() && ready[0].revents() == PollFlags::OUT {
        let _ = rustix::io::write(stderr, text);
    }
}

/// The terminal as it was at the start, where there is one.
struct Terminal {
    modes: Option<Termios>,
    /// Whether it only prints: a cursor that is shown would be four characters more.
    is_dumb: bool,
}

impl Terminal {
    fn remember() -> Self {
        let modes = on_terminal(|tty| tcgetattr(tty).ok()).flatten();
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self { modes, is_dumb }
    }

    /// Puts the modes back, shows the cursor and starts a new line; returns the modes that were. Nothing here may block
    /// or panic: the terminal may be gone, or held by Ctrl-S.
    fn leave(&self) -> Option<Termios> {
        let before = on_terminal(|tty| tcgetattr(tty).ok()).flatten();
        self.set(self.modes.as_ref());
        if isatty(rustix::stdio::stderr()) {
            say(if self.is_dumb { b"\n" } else { b"\x1b[?25h\n" });
        }
        before
    }

    /// Sets modes, if the terminal is ours to set.
    #[expect(clippy::unused_self, reason = "the modes belong to this terminal")]
    fn set(&self, modes: Option<&Termios>) {
        if let Some(modes) = modes {
            on_terminal(|tty| {
                if tcgetpgrp(tty).ok() == own_group() && own_group().is_some() {
                    let _ = tcsetattr(tty, OptionalActions::Now, modes);
                }
            });
        }
    }
}

/// Does something with the first of stdin and stderr that is a terminal.
fn on_terminal<T>(act: impl FnOnce(rustix::fd::BorrowedFd<'_>) -> T) -> Option<T> {
    let (stdin, stderr) = (rustix::stdio::stdin(), rustix::stdio::stderr());
    [stdin, stderr]
        .iter()
        .find(|fd| isatty(fd))
        .map(|fd| act(fd.as_fd()))
}

#[cfg(test)]
mod tests;
