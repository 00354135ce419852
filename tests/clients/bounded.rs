//! Commands that come to an end.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Runs a command to its end, and gives `None` for one that took too long: it is killed, with all that it started.
pub(crate) fn output(command: &mut Command, most: Duration) -> io::Result<Option<Output>> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let group = Pid::from_raw(child.id().try_into().unwrap());
    let (tell, told) = mpsc::channel();
    let waiting = thread::spawn(move || tell.send(child.wait_with_output()).unwrap());
    let ended = told.recv_timeout(most);
    if ended.is_err() {
        // Gone already if it ended at this very moment.
        let _ = killpg(group, Signal::SIGKILL);
    }
    waiting.join().unwrap();
    ended.ok().transpose()
}

#[test]
fn what_takes_too_long_is_killed_with_all_that_it_started() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "sleep 600 & sleep 600"]);
    let output = output(&mut shell, Duration::from_millis(100)).unwrap();
    assert!(output.is_none());
}

#[test]
fn what_ends_in_time_is_heard() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "echo out; echo err >&2; exit 3"]);
    let output = output(&mut shell, Duration::from_secs(60)).unwrap().unwrap();
    assert_eq!(
        (output.status.code(), &output.stdout[..], &output.stderr[..]),
        (Some(3), &b"out\n"[..], &b"err\n"[..])
    );
}
