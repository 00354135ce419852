use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use super::Interrupt;
use crate::check::{OwnTerminal, run_in_terminal};

#[test]
fn the_first_signal_stays() {
    let interrupt = Interrupt::default();
    assert_eq!(interrupt.raised(), None);
    let listener = interrupt.clone();
    listener.raise(15);
    interrupt.raise(2);
    assert_eq!(interrupt.raised(), Some(15));
}

#[test]
fn attending_nests() {
    let interrupt = Interrupt::default();
    let count = || interrupt.watch.attending.load(Ordering::SeqCst);
    let outer = interrupt.attend();
    let inner = interrupt.clone().attend();
    assert_eq!(count(), 2);
    drop(inner);
    assert_eq!(count(), 1);
    drop(outer);
    assert_eq!(count(), 0);
}

/// This test binary again, running only `part`: signals and terminals belong to a whole process.
fn again(part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "interrupt::tests::part",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ]);
    command.env("STEPGATE_TEST_PART", part);
    command
}

#[test]
#[ignore = "run by the tests beside it, in a process of its own"]
fn part() {
    match std::env::var("STEPGATE_TEST_PART").unwrap().as_str() {
        "idle" => {
            let _interrupt = Interrupt::listen().unwrap();
            println!("ready:0");
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        "attending" => {
            let interrupt = Interrupt::listen().unwrap();
            let _attending = interrupt.attend();
            println!("ready:0");
            while interrupt.raised().is_none() {
                std::thread::yield_now();
            }
            std::process::exit(interrupt.raised().unwrap().into());
        }
        "stubborn" => {
            let interrupt = Interrupt::listen().unwrap();
            let attending = interrupt.attend();
            let mut sleep = Command::new("sleep");
            sleep
                .arg("20")
                .process_group(0)
                .stdin(Stdio::null())
                .stdout(Stdio::null());
            let mut child = sleep.spawn().unwrap();
            attending.group(Pid::from_raw(i32::try_from(child.id()).unwrap()));
            println!("ready:{}", child.id());
            while interrupt.raised().is_none() {
                std::thread::yield_now();
            }
            println!("noted:0");
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
            child.wait().unwrap();
        }
        "terminal" => own_terminal(),
        other => panic!("{other}"),
    }
}

/// A part that runs; killed when a test fails before its end.
struct Part(Child);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(part: &str) -> (Part, BufReader<std::process::ChildStdout>, Pid) {
    let mut command = again(part);
    // In a group of its own, so that what stops it does not stop the tests.
    command.process_group(0);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let reader = BufReader::new(child.stdout.take().unwrap());
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    (Part(child), reader, pid)
}

/// Waits for the exit code with standard input held open: to wait closes it, and its end would end the child.
fn code_of(Part(child): &mut Part) -> Option<i32> {
    let _held = child.stdin.take();
    child.wait().unwrap().code()
}

/// Presses Ctrl-C until the child leaves: on a slow machine two may lie too far apart to count as one after the other.
fn code_after_ctrl_c(Part(child): &mut Part, pid: Pid) -> Option<i32> {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        assert!(Instant::now() < until, "no Ctrl-C was heard");
        kill_process(pid, Signal::INT).unwrap();
        std::thread::yield_now();
    }
}

/// Waits until a child has stopped.
fn wait_for_stop(pid: Pid) {
    let until = Instant::now() + Duration::from_secs(60);
    let look = || waitid(WaitId::Pid(pid), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG);
    while !look().unwrap().is_some_and(|status| status.stopped()) {
        assert!(Instant::now() < until, "it did not stop");
        std::thread::yield_now();
    }
}

/// Waits for `word:NUMBER` and gives the number.
fn wait_for(reader: &mut impl std::io::BufRead, word: &str) -> i32 {
    for line in reader.lines() {
        // The test harness may have written in front of it.
        if let Some((_, number)) = line.unwrap().rsplit_once(&format!("{word}:")) {
            return number.trim().parse().unwrap();
        }
    }
    panic!("ended before `{word}`");
}

#[test]
fn an_idle_process_leaves_by_itself() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let (mut child, mut reader, pid) = start("idle");
        wait_for(&mut reader, "ready");
        kill_process(pid, signal).unwrap();
        assert_eq!(code_of(&mut child), Some(code));
    }
}

#[test]
fn an_attending_process_only_notes() {
    let (mut child, mut reader, pid) = start("attending");
    wait_for(&mut reader, "ready");
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(code_of(&mut child), Some(15));
}

#[test]
fn a_second_ctrl_c_leaves_at_once_and_takes_the_child_along() {
    let (mut child, mut reader, pid) = start("stubborn");
    let helper = wait_for(&mut reader, "ready");
    kill_process(pid, Signal::INT).unwrap();
    wait_for(&mut reader, "noted");
    assert_eq!(code_after_ctrl_c(&mut child, pid), Some(130));
    let until = Instant::now() + Duration::from_secs(10);
    let is_there =
        || std::fs::read_to_string(format!("/proc/{helper}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    while is_there() {
        assert!(Instant::now() < until, "killed");
        std::thread::yield_now();
    }
}

#[test]
fn a_stop_takes_the_child_along_and_both_go_on() {
    let (mut child, mut reader, pid) = start("stubborn");
    let helper = wait_for(&mut reader, "ready");
    let is_stopped = || {
        std::fs::read_to_string(format!("/proc/{helper}/stat"))
            .unwrap()
            .contains(") T ")
    };
    assert!(!is_stopped());
    kill_process(pid, Signal::TSTP).unwrap();
    wait_for_stop(pid);
    let until = Instant::now() + Duration::from_secs(10);
    let becomes = |stopped| {
        while is_stopped() != stopped {
            assert!(Instant::now() < until, "the child follows: {stopped}");
            std::thread::yield_now();
        }
    };
    becomes(true);
    kill_process(pid, Signal::CONT).unwrap();
    becomes(false);
    kill_process(pid, Signal::INT).unwrap();
    wait_for(&mut reader, "noted");
    assert_eq!(code_after_ctrl_c(&mut child, pid), Some(130));
}

/// In many a container the terminal session and the process group were begun outside and have no number inside.
#[test]
fn a_stop_is_heard_where_the_session_is_outside_the_process_namespace() {
    let namespace = ["--pid", "--fork"];
    let tried = Command::new("unshare").args(namespace).arg("true").output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        println!("skipped: process namespaces cannot be made here");
        return;
    }
    let part = again("idle");
    let mut command = Command::new("unshare");
    command
        .args(namespace)
        .args(["sh", "-c", "\"$@\"; exit $?", "sh"])
        .arg(part.get_program())
        .args(part.get_args());
    command.env("STEPGATE_TEST_PART", "idle").process_group(0);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = Part(command.spawn().unwrap());
    let outer = i32::try_from(child.0.id()).unwrap();
    wait_for(&mut BufReader::new(child.0.stdout.take().unwrap()), "ready");
    let child_of = |pid: i32| -> i32 {
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        children.trim().parse().unwrap()
    };
    let inner = Pid::from_raw(child_of(child_of(outer))).unwrap();
    kill_process(inner, Signal::TSTP).unwrap();
    // It stopped its group, which reaches out of the namespace.
    wait_for_stop(Pid::from_raw(outer).unwrap());
    rustix::process::kill_process_group(Pid::from_raw(outer).unwrap(), Signal::CONT).unwrap();
    kill_process(inner, Signal::TERM).unwrap();
    assert_eq!(code_of(&mut child), Some(143));
}

/// Runs in a terminal of its own, as the leader of its session.
fn own_terminal() {
    let interrupt = Interrupt::listen().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let text = "read -r line </dev/tty\necho \"got:$line\"\n[ -t 0 ] && [ -t 1 ]\nstty -echo\necho \"ready:0\"\nsleep 20";
    let block = OwnTerminal {
        text,
        folder: scratch.path(),
        scratch: scratch.path(),
        without: &[],
    };
    let status = run_in_terminal(&block, &interrupt);
    let modes = rustix::termios::tcgetattr(rustix::stdio::stdin()).unwrap();
    let echo = modes.local_modes.contains(rustix::termios::LocalModes::ECHO);
    let foreground =
        rustix::termios::tcgetpgrp(rustix::stdio::stdin()).unwrap() == super::own_group().unwrap();
    println!(
        "{status:?} echo={echo} foreground={foreground} raised={:?}",
        interrupt.raised()
    );
    println!("done:0");
}

#[test]
fn the_terminal_is_handed_over_and_taken_back() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let controller: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let name = ptsname(&controller, Vec::new()).unwrap().into_string().unwrap();
    let terminal = File::options().read(true).write(true).open(name).unwrap();
    let part = again("terminal");
    let mut command = Command::new("setsid");
    command
        .arg("--ctty")
        .arg("--wait")
        .arg(part.get_program())
        .args(part.get_args());
    command.env("STEPGATE_TEST_PART", "terminal");
    command
        .stdin(terminal.try_clone().unwrap())
        .stdout(terminal.try_clone().unwrap())
        .stderr(terminal);
    let mut child = Part(command.spawn().unwrap());
    drop(command);
    let mut controller = File::from(controller);
    let mut reader = BufReader::new(controller.try_clone().unwrap());
    controller.write_all(b"hello\n").unwrap();
    let mut seen = Vec::new();
    // The block's program is in the foreground: the terminal's Ctrl-C is its own.
    let mut line = String::new();
    while !line.contains("ready:") {
        line.clear();
        assert!(reader.read_line(&mut line).unwrap() > 0, "{seen:?}");
        seen.push(line.trim().to_owned());
    }
    controller.write_all(b"\x03").unwrap();
    while !line.contains("done:") {
        line.clear();
        assert!(reader.read_line(&mut line).unwrap() > 0, "{seen:?}");
        seen.push(line.trim().to_owned());
    }
    assert!(seen.iter().any(|line| line.ends_with("got:hello")), "{seen:?}");
    let expected = "Ok(Signaled(2)) echo=true foreground=true raised=None";
    assert!(seen.iter().any(|line| line.ends_with(expected)), "{seen:?}");
    child.0.wait().unwrap();
}
