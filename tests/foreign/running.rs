use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// A server in a process group of its own, which ends with it.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Starts it and waits for the line that says where it listens: what stands in it behind `mark`, up to a blank.
    pub(crate) fn start(command: &mut Command, mark: &str) -> (Self, String) {
        let mut shell = Command::new("sh");
        // One stream for both: servers differ in where they say that they are there.
        shell.args(["-c", "exec \"$@\" 2>&1", "sh"]);
        shell.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            shell.env(name, value.unwrap());
        }
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        let mut child = shell
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let running = Self { child };
        let mut said = String::new();
        let place = loop {
            let Some(line) = lines.next() else {
                panic!("the server ended:\n{said}");
            };
            let line = line.unwrap();
            if let Some((_, place)) = line.split_once(mark) {
                break place.split_whitespace().next().unwrap().to_owned();
            }
            said.push_str(&line);
            said.push('\n');
        };
        // It must not wait for somebody who reads what it says.
        thread::spawn(move || lines.for_each(drop));
        (running, place)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail where it is gone already, which is what is wanted.
        let _ = killpg(
            Pid::from_raw(self.child.id().try_into().unwrap()),
            Signal::SIGKILL,
        );
        let _ = self.child.wait();
    }
}
