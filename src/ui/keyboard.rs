use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// Hears single keys while something is shown, where standard input is a terminal. Dropped, the terminal is as it was.
pub(crate) struct Keyboard {
    before: Option<Termios>,
}

impl Keyboard {
    /// Begins to hear keys. Ctrl-C stays a signal.
    pub(crate) fn listen(interactive: bool) -> Self {
        let stdin = rustix::stdio::stdin();
        let before = interactive.then(|| tcgetattr(stdin).ok()).flatten();
        if let Some(before) = &before {
            let mut modes = before.clone();
            modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
            // Where this fails, keys are heard a line at a time.
            let _ = tcsetattr(stdin, OptionalActions::Now, &modes);
        }
        Self { before }
    }

    /// Waits so long for a key; the key, where one came.
    pub(crate) fn key(&self, wait: Duration) -> Option<u8> {
        if self.before.is_none() {
            std::thread::sleep(wait);
            return None;
        }
        let stdin = rustix::stdio::stdin();
        let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
        let wait = Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: wait.subsec_nanos().into(),
        };
        poll(&mut ready, Some(&wait)).ok().filter(|count| *count > 0)?;
        let mut key = [0];
        let read = rustix::io::read(stdin, &mut key).ok()?;
        (read == 1).then_some(key[0])
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, before);
        }
    }
}
