//! A real terminal for the real binary: keys go in, a screen comes out, and a test waits for what it shows.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::OFlags;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// How long a test waits for what never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keys.
pub(crate) const DOWN: &str = "\x1b[B";
pub(crate) const ENTER: &str = "\r";
pub(crate) const CTRL_C: &str = "\x03";

#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    ended: bool,
}

/// A process at a terminal.
pub(crate) struct Pty {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    /// What was waited for so far: everything before it is past.
    read: usize,
    size: (u16, u16),
}

impl Pty {
    /// Starts the binary with arguments, in a folder, with these variables and no others.
    pub(crate) fn start(
        args: &[&str],
        folder: &Path,
        variables: &[(String, String)],
        size: (u16, u16),
    ) -> Self {
        Self::start_as(args, folder, variables, size, false)
    }

    /// Like [`start`](Self::start), at a terminal that shows what is typed if `echo` is set, as terminals do.
    pub(crate) fn start_as(
        args: &[&str],
        folder: &Path,
        variables: &[(String, String)],
        size: (u16, u16),
        echo: bool,
    ) -> Self {
        let (rows, cols) = size;
        let size_of = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size_of).unwrap();
        if !echo {
            without_echo(&pair.master.tty_name().unwrap());
        }
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_stepgate"));
        command.args(args);
        command.cwd(folder);
        command.env_clear();
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let seen: Arc<(Mutex<Seen>, Condvar)> = Arc::default();
        let filled = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                // The end of a terminal is an error on Linux.
                let count = reader.read(&mut buffer).unwrap_or(0);
                let mut seen = filled.0.lock().unwrap();
                seen.bytes.extend_from_slice(&buffer[..count]);
                seen.ended = count == 0;
                filled.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Self {
            child,
            master: pair.master,
            keys,
            seen,
            read: 0,
            size,
        }
    }

    /// Waits until a text comes after what was waited for before; colours and cursor movements do not count.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            if let Some(end) = find_plain(&seen.bytes[self.read..], text) {
                self.read += end;
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if seen.ended || left.is_zero() {
                let plain = plain(&seen.bytes[self.read..]);
                panic!("`{text}` never came; after what was waited for before came:\n{plain}");
            }
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits until the terminal no longer shows what is typed.
    pub(crate) fn wait_for_secrecy(&self) {
        let tty = open(&self.master.tty_name().unwrap());
        let end = Instant::now() + PATIENCE;
        while tcgetattr(&tty).unwrap().local_modes.contains(LocalModes::ECHO) {
            assert!(Instant::now() < end, "what is typed is still shown");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Types keys.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits for a question and takes its nth answer, from 0. No answer is chosen beforehand, so it takes n + 1 downs.
    pub(crate) fn answer(&mut self, question: &str, nth: usize) {
        self.wait_for(question);
        // The question is drawn whole when the last answer is: all questions end in leaving.
        self.keys(&format!("{}{ENTER}", DOWN.repeat(nth + 1)));
    }

    /// Waits for a list of boxes and ticks all of them.
    pub(crate) fn tick_all(&mut self, question: &str) {
        self.wait_for(question);
        self.keys(&format!("a{ENTER}"));
    }

    /// Answers questions as they come, whichever comes first, until the process ends. `rules` are questions and the keys
    /// that answer them; returns how often each was asked.
    pub(crate) fn drive(&mut self, rules: &[(&str, &str)]) -> Vec<usize> {
        let mut asked = vec![0; rules.len()];
        while let Some(rule) =
            self.wait_for_any(&rules.iter().map(|(question, _)| *question).collect::<Vec<_>>())
        {
            asked[rule] += 1;
            // A process that was killed meanwhile takes no keys.
            let _ = self
                .keys
                .write_all(rules[rule].1.as_bytes())
                .and_then(|()| self.keys.flush());
        }
        asked
    }

    /// Answers the first question that comes, if it comes before the process ends.
    pub(crate) fn answer_unless_it_ends(&mut self, question: &str, keys: &str) {
        if self.wait_for_any(&[question]).is_some() {
            let written = self.keys.write_all(keys.as_bytes());
            let _ = written.and_then(|()| self.keys.flush());
        }
    }

    /// Waits for the first of several texts; `None` when the process ends without any.
    fn wait_for_any(&mut self, texts: &[&str]) -> Option<usize> {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            let unread = &seen.bytes[self.read..];
            let found = texts
                .iter()
                .enumerate()
                .filter_map(|(at, text)| Some((find_plain(unread, text)?, at)))
                .min();
            if let Some((end, at)) = found {
                self.read += end;
                return Some(at);
            }
            if seen.ended {
                return None;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "none of {texts:?} came; what came:\n{}",
                plain(unread)
            );
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Kills the process as `kill -9` does, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Changes the size of the terminal.
    pub(crate) fn resize(&mut self, rows: u16, cols: u16) {
        self.master
            .resize(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
    }

    /// Waits for the end of the process; its exit code.
    pub(crate) fn end(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.exit_code();
            }
            assert!(Instant::now() < deadline, "it did not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(2));
        };
        let mut seen = self.seen.0.lock().unwrap();
        while !seen.ended {
            seen = self.seen.1.wait_timeout(seen, PATIENCE).unwrap().0;
        }
        code
    }

    /// Presses Ctrl-C until the process ends, as a person does: a key that is pressed right before a question is thrown
    /// away with all that was typed ahead.
    pub(crate) fn leave(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "it did not leave:\n{}", self.text());
            self.keys("\x03");
            std::thread::sleep(Duration::from_millis(20));
        }
        self.end()
    }

    /// What the terminal does with keys: echo, lines, signals.
    pub(crate) fn modes(&self) -> LocalModes {
        LocalModes::from_bits_retain(self.master.get_termios().unwrap().local_flags.bits())
    }

    /// Everything that came so far, as bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().bytes.clone()
    }

    /// Everything that came so far, without colours and cursor movements.
    pub(crate) fn text(&self) -> String {
        plain(&self.bytes())
    }

    /// The lines of the screen as a person sees it now, and whether the cursor is hidden.
    pub(crate) fn screen(&self) -> (Vec<String>, bool) {
        let (rows, cols) = self.size;
        let mut parser = vt100::Parser::new(rows.try_into().unwrap(), cols.try_into().unwrap(), 10_000);
        parser.process(&self.bytes());
        let screen = parser.screen();
        (screen.rows(0, self.size.1).collect(), screen.hide_cursor())
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Ours, by its handle: it may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps the kernel from echoing a key that comes before a question has set the mode of the terminal: a person is never
/// as fast as a test, and the echo would stay on the screen.
fn without_echo(tty: &Path) {
    let tty = open(tty);
    let mut modes = tcgetattr(&tty).unwrap();
    modes.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&tty, OptionalActions::Now, &modes).unwrap();
}

fn open(tty: &Path) -> File {
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OFlags::NOCTTY.bits().cast_signed())
        .open(tty)
        .unwrap()
}

/// Where a text ends in bytes that hold escape sequences between its characters.
fn find_plain(bytes: &[u8], text: &str) -> Option<usize> {
    let (plain, ends) = strip(bytes);
    let at = plain
        .windows(text.len())
        .position(|window| window == text.as_bytes())?;
    Some(ends[at + text.len() - 1])
}

fn plain(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&strip(bytes).0).into_owned()
}

/// Bytes without escape sequences and carriage returns, each with the offset after it.
fn strip(bytes: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let (mut plain, mut ends) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (0x1b, Some(b'[')) => {
                at += 2;
                while at < bytes.len() && !(0x40..=0x7e).contains(&bytes[at]) {
                    at += 1;
                }
            }
            (0x1b, Some(b']')) => {
                while at < bytes.len() && bytes[at] != 0x07 {
                    at += 1;
                }
            }
            (b'\r', _) => {}
            (byte, _) => {
                plain.push(byte);
                ends.push(at + 1);
            }
        }
        at += 1;
    }
    (plain, ends)
}
