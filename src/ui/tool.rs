use std::process::{Command, Stdio};

use crate::check::{Status, Unlent, in_terminal};
use crate::interrupt::Interrupt;
use crate::session::{Answer, Stop};

/// A program of the person's own, at their terminal: the pager, the editor.
pub(super) struct Tool<'a> {
    /// Its command line, as the person's environment has it.
    pub(super) line: &'a str,
    /// Words that follow it as they are.
    pub(super) words: Vec<&'a std::ffi::OsStr>,
    /// What it is to show; without it, it reads the terminal.
    pub(super) input: Option<&'a str>,
}

impl Tool<'_> {
    /// Runs the program to its end. Says why it ended badly, where it did: that is no failure of the session. A signal to
    /// stepgate ends both.
    ///
    /// The line goes to a shell, as with other programs that read `PAGER` and `EDITOR`: it may have arguments and quotes.
    /// The program writes to the terminal of the questions, also where standard output is a file.
    pub(super) fn run(&self, interrupt: &Interrupt) -> Answer<Result<(), String>> {
        let mut command = Command::new("sh");
        let script = format!("{} \"$@\"", self.line);
        command.args(["-c", &script, self.line]).args(&self.words);
        if let Ok(terminal) = rustix::stdio::stderr().try_clone_to_owned() {
            command.stdout(Stdio::from(terminal));
        }
        let status = match in_terminal(&mut command, self.input.map(str::as_bytes), interrupt) {
            Ok(status) => status,
            Err(Unlent::Io(error)) => {
                let why = error.to_string();
                let why = why.split(" (os error").next().unwrap_or(&why).to_lowercase();
                return Ok(Err(format!("it cannot be started: {why}")));
            }
            Err(Unlent::NoGroup | Unlent::Lost) => {
                return Ok(Err("the terminal cannot be handed over to it".to_owned()));
            }
        };
        match status {
            Status::Exited(0) => Ok(Ok(())),
            Status::Exited(126) => Ok(Err("it is not executable".to_owned())),
            Status::Exited(127) => Ok(Err("there is no such program".to_owned())),
            Status::Interrupted(signal) => Err(Stop::Interrupted(signal)),
            other => Ok(Err(other.describe())),
        }
    }
}
