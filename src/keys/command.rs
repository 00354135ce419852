use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::config::Environment;
use crate::words::printable_line;

/// How long a command may take: a person may have to unlock what it reads from.
const LIMIT: Duration = Duration::from_secs(60);

/// No key is this long.
const MOST: u64 = 64 << 10;

/// Runs a key command and gives out the first line of what it prints.
///
/// It is run as it stands, without a shell, in the user's home and with an empty standard input. What it writes to standard
/// error is shown to nobody, for it may hold what it should not. Fails with why there is no key.
pub(super) fn run(argv: &[String], environment: &Environment) -> Result<String, String> {
    within(argv, environment, LIMIT)
}

fn within(argv: &[String], environment: &Environment, limit: Duration) -> Result<String, String> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err("it is empty".to_owned());
    };
    let home = environment.path("HOME").filter(|home| home.is_dir());
    let child = Command::new(program)
        .args(arguments)
        // Not where stepgate was started: that is a repository, whose files are not to have a say.
        .current_dir(home.unwrap_or_else(|| "/".into()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let child = child.map_err(|error| {
        let why = error.to_string();
        let why = why.split(" (os error").next().unwrap_or(&why).to_lowercase();
        format!("cannot run it: {why}")
    })?;
    let output = Running(child).output(limit)?;
    let text = String::from_utf8(output).map_err(|_| "it printed what is not text".to_owned())?;
    match text.lines().next().map(str::trim) {
        None | Some("") => Err("it printed nothing".to_owned()),
        Some(key) => Ok(key.to_owned()),
    }
}

/// A child that does not outlive its use.
struct Running(Child);

impl Running {
    fn output(mut self, limit: Duration) -> Result<Vec<u8>, String> {
        let end = Instant::now() + limit;
        let slow = || format!("it did not end within {} s", limit.as_secs());
        let (sender, printed) = channel();
        if let Some(pipe) = self.0.stdout.take() {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                let read = pipe.take(MOST).read_to_end(&mut bytes);
                // Whoever asked may have stopped waiting.
                let _ = sender.send(read.map(|_| bytes));
            });
        }
        let bytes = match printed.recv_timeout(limit) {
            Ok(read) => read.map_err(|error| error.to_string())?,
            Err(RecvTimeoutError::Timeout) => return Err(slow()),
            Err(RecvTimeoutError::Disconnected) => return Err("its output cannot be read".to_owned()),
        };
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(bytes),
                Ok(Some(status)) => return Err(ended(status)),
                Ok(None) if Instant::now() >= end => return Err(slow()),
                // Its output has ended, so it is about to.
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and need not be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("it ended with exit status {code}"),
        None => printable_line(&format!("it ended by {status}")).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(script: &str) -> Result<String, String> {
        let argv = ["sh", "-c", script].map(str::to_owned);
        within(
            &argv,
            &Environment::from_iter([("HOME", "/")]),
            Duration::from_secs(20),
        )
    }

    #[test]
    fn the_first_line_is_the_key() {
        assert_eq!(ran("echo ' a-key '; echo 'user: me'"), Ok("a-key".to_owned()));
        assert_eq!(ran("pwd"), Ok("/".to_owned()));
        assert_eq!(
            ran("cat; echo ended"),
            Ok("ended".to_owned()),
            "nothing is typed to it"
        );
    }

    #[test]
    fn what_goes_wrong_is_said_without_what_it_wrote() {
        assert_eq!(
            ran("echo secret >&2; exit 3"),
            Err("it ended with exit status 3".to_owned())
        );
        assert_eq!(ran("true"), Err("it printed nothing".to_owned()));
        assert_eq!(ran("echo"), Err("it printed nothing".to_owned()));
        assert_eq!(
            ran(r"printf '\377\376'"),
            Err("it printed what is not text".to_owned())
        );
        let missing = run(&["/nowhere/at/all".to_owned()], &Environment::default());
        assert_eq!(
            missing,
            Err("cannot run it: no such file or directory".to_owned())
        );
        let argv = ["sleep", "600"].map(str::to_owned);
        let slow = within(&argv, &Environment::default(), Duration::from_secs(0));
        assert_eq!(slow, Err("it did not end within 0 s".to_owned()));
    }
}
