use std::io::Write as _;

use console::Term;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, isatty, tcflush, tcgetattr,
    tcgetpgrp, tcsetattr,
};

use crate::llm::WaitVerdict;
use crate::session::WaitQuestion;

/// A wait as one line that is drawn anew each second, and that a key ends.
///
/// The terminal gives out keys one by one and unseen while it lasts, and is put back however it ends: by
/// [`end`](Self::end), by dropping this, or by the listener to signals, which knows how the terminal was at first.
/// Keys that were typed before it count for nothing, and those that were typed during it answer no later question.
#[derive(Default)]
pub(super) struct Countdown {
    wait: Option<Wait>,
}

struct Wait {
    before: Termios,
    /// The seconds that are shown.
    shown: Option<u64>,
}

impl Countdown {
    /// Shows what is left and takes a key, if one was pressed. Returns at once.
    pub(super) fn show(&mut self, question: &WaitQuestion) -> WaitVerdict {
        if self.wait.is_none() {
            self.wait = Wait::begin();
        }
        // Where the terminal is not ours to read, the wait was told as a line already.
        let Some(wait) = &mut self.wait else {
            return WaitVerdict::On;
        };
        let seconds = question.left.as_secs_f64().ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a wait is no longer than minutes"
        )]
        let seconds = seconds as u64;
        if wait.shown.replace(seconds) != Some(seconds) {
            let line = format!(
                "  request {} follows in {seconds} s (enter: now; q or escape: leave)",
                question.request
            );
            // A line that is broken in two could not be drawn anew.
            let columns = usize::from(Term::stderr().size().1).saturating_sub(1);
            draw(&format!("\r\x1b[K{}", console::truncate_str(&line, columns, "…")));
        }
        key()
    }

    /// Puts the terminal back and takes the line away.
    pub(super) fn end(&mut self) {
        if let Some(wait) = self.wait.take() {
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &wait.before);
            let _ = tcflush(rustix::stdio::stdin(), QueueSelector::IFlush);
            draw("\r\x1b[K");
        }
    }
}

impl Drop for Countdown {
    fn drop(&mut self) {
        self.end();
    }
}

impl Wait {
    /// Takes the terminal; `None` where there is none, or where another group of processes is in its foreground.
    fn begin() -> Option<Self> {
        let stdin = rustix::stdio::stdin();
        let ours = isatty(stdin) && tcgetpgrp(stdin).ok() == crate::interrupt::own_group();
        let before = tcgetattr(stdin).ok().filter(|_| ours)?;
        let mut modes = before.clone();
        // Ctrl-C stays a signal.
        modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        modes.special_codes[SpecialCodeIndex::VMIN] = 0;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        // Throws away what was typed ahead.
        tcsetattr(stdin, OptionalActions::Flush, &modes).ok()?;
        Some(Self { before, shown: None })
    }
}

/// What the keys say that were pressed since it was asked last.
fn key() -> WaitVerdict {
    let stdin = rustix::stdio::stdin();
    let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    if poll(&mut ready, Some(&now)).is_err() || !ready[0].revents().contains(PollFlags::IN) {
        return WaitVerdict::On;
    }
    let mut keys = [0; 64];
    let count = rustix::io::read(stdin, &mut keys).unwrap_or(0);
    verdict(&keys[..count])
}

/// The first key that means something. An escape that begins the code of another key, such as an arrow, is none.
fn verdict(mut keys: &[u8]) -> WaitVerdict {
    loop {
        match keys {
            [] => return WaitVerdict::On,
            [b'q' | b'Q', ..] | [0x1b] | [0x1b, 0x1b, ..] => return WaitVerdict::Leave,
            [b'\r' | b'\n', ..] => return WaitVerdict::Now,
            [0x1b, b'[' | b'O', rest @ ..] => {
                let end = rest.iter().position(|byte| (0x40..=0x7e).contains(byte));
                keys = end.map_or(&[], |end| &rest[end + 1..]);
            }
            [_, rest @ ..] => keys = rest,
        }
    }
}

/// A terminal that is gone ends the session at the next question.
fn draw(text: &str) {
    let mut out = crate::outlet::stderr();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leaves_or_hurries_and_others_do_nothing() {
        let table: [(&[u8], WaitVerdict); 10] = [
            (b"", WaitVerdict::On),
            (b"x ", WaitVerdict::On),
            (b"q", WaitVerdict::Leave),
            (b"xQ", WaitVerdict::Leave),
            (b"\x1b", WaitVerdict::Leave),
            (b"\x1b\x1b", WaitVerdict::Leave),
            (b"\r", WaitVerdict::Now),
            (b"\n", WaitVerdict::Now),
            (b"\x1b[A\x1b[15~\x1bOP", WaitVerdict::On),
            (b"\x1b[B\n", WaitVerdict::Now),
        ];
        for (keys, expected) in table {
            assert_eq!(verdict(keys), expected, "{keys:?}");
        }
    }
}
