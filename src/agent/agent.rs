use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{environment, program};
use crate::config::{CommandConfig, Environment, PROMPT_FILE, PromptBy};
use crate::interrupt::Interrupt;
use crate::process::{self, Captured, Event, Fault, Limits, Status, Surroundings};
use crate::words::{Exit, Failure, secrets};

/// Bytes of an agent's output that are kept.
const OUTPUT: usize = 1 << 20;

/// An external agent that was found, ready to be run.
pub struct Agent {
    name: String,
    config: CommandConfig,
    program: PathBuf,
    path: Option<OsString>,
    environment: Vec<(OsString, OsString)>,
}

/// What an agent is run on.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The prompt.
    pub prompt: &'a str,
    /// The folder that it works in: the repository's root.
    pub folder: &'a Path,
    /// A private folder outside of the tree, for a prompt that goes by file.
    pub scratch: &'a Path,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// What it wrote to standard output and standard error.
    pub output: Captured,
    /// How long it took.
    pub took: Duration,
    /// Whether processes were still there when it had ended; they were killed.
    pub left_processes: bool,
}

/// Why a run has no outcome.
#[derive(Debug)]
pub enum NoOutcome {
    /// Nothing was started: the tree is as it was.
    NotStarted(Failure),
    /// It was started, and could not be watched to its end: nothing is known of what it did.
    Lost(Failure),
}

impl Outcome {
    /// How it ended, in words: a lowercase fragment.
    pub fn describe(&self) -> String {
        match &self.status {
            Status::Exited(0) => "ended with exit code 0".to_owned(),
            Status::Exited(code) => format!("failed with exit code {code}"),
            other => other.describe(),
        }
    }
}

impl Agent {
    /// The agent of an endpoint. Fails with exit 12 where its program is not there or may not be run.
    pub fn new(name: &str, config: &CommandConfig, environment: &Environment) -> Result<Self, Failure> {
        let path = environment.var("PATH").map(ToOwned::to_owned);
        let program = program::find(&config.program, path.as_deref(), name)?;
        let listed: Vec<&str> = config.env.iter().map(|name| name.value.as_str()).collect();
        for secret in environment::secrets(environment, &listed) {
            secrets::learn(&secret);
        }
        Ok(Self {
            name: name.to_owned(),
            config: config.clone(),
            program,
            path,
            environment: environment::passed(environment, &listed),
        })
    }

    /// The name that the user gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The program and its arguments, as they were written.
    pub fn command(&self) -> &[String] {
        &self.config.command.value
    }

    /// The file that is run.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// How it gets the prompt.
    pub fn prompt_by(&self) -> PromptBy {
        self.config.prompt.value
    }

    /// How long it may take.
    pub fn timeout(&self) -> Duration {
        self.config.timeout.value
    }

    /// Looks once more whether its program is there, right before anything is put on record. Fails with exit 12 where it
    /// is not, or is another file than the one that was shown.
    pub fn check(&self) -> Result<(), Failure> {
        let found = program::find(&self.config.program, self.path.as_deref(), &self.name)?;
        if found == self.program {
            return Ok(());
        }
        let text = format!(
            "the agent of endpoint `{}` is now `{}`, and `{}` was shown",
            self.name,
            found.display(),
            self.program.display()
        );
        Err(Failure::new(Exit::AgentFailed, "agent-changed", text)
            .help("nothing was run; run again to see it as it is now"))
    }

    /// Runs it with a prompt and waits for its end, as a group of processes that ends with it.
    ///
    /// Fails with exit 9 where the prompt cannot be written, with exit 12 where the program cannot be started; however it
    /// ends is an outcome. Fails with exit 9, too, where it was started and is lost.
    pub fn run(
        &self,
        job: &Job<'_>,
        interrupt: &Interrupt,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<Outcome, NoOutcome> {
        let by_file = self.prompt_by() == PromptBy::File;
        let file = by_file.then(|| prompt_file(job)).transpose();
        let file = file.map_err(NoOutcome::NotStarted)?;
        let arguments = self.command().iter().skip(1);
        let mut command = Command::new(&self.program);
        command
            .args(arguments.map(|word| argument(word, file.as_deref())))
            .current_dir(job.folder)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        let around = Surroundings {
            input: (!by_file).then_some(job.prompt.as_bytes()),
            limits: Limits {
                timeout: self.timeout(),
                output: OUTPUT,
                ..Limits::default()
            },
            interrupt,
        };
        let ended = process::run(command, &around, tell).map_err(|fault| match fault {
            Fault::NotStarted(error) => {
                let text = format!("cannot start the agent `{}`: {error}", self.program.display());
                let help = "nothing was run; a script needs a first line that names its interpreter, such as `#!/bin/sh`";
                NoOutcome::NotStarted(Failure::new(Exit::AgentFailed, "agent-not-started", text).help(help))
            }
            Fault::Lost(error) => {
                let help = "it was started, and is ended: run again to look at what it did to the tree";
                NoOutcome::Lost(Failure::io("watch the agent", &self.program, &error).help(help))
            }
        })?;
        Ok(Outcome {
            status: ended.status,
            output: ended.captured,
            took: ended.took,
            left_processes: ended.left_processes,
        })
    }
}

/// Writes the prompt where only the user can read it; the file goes when the path is dropped.
fn prompt_file(job: &Job<'_>) -> Result<tempfile::TempPath, Failure> {
    let failed = |error: std::io::Error| Failure::io("write the prompt into", job.scratch, &error);
    let mut file = tempfile::Builder::new()
        .prefix("prompt-")
        .suffix(".md")
        .tempfile_in(job.scratch)
        .map_err(failed)?;
    file.write_all(job.prompt.as_bytes()).map_err(failed)?;
    Ok(file.into_temp_path())
}

/// An argument, with the path of the prompt in its place.
fn argument(word: &str, file: Option<&Path>) -> OsString {
    let Some(file) = file else {
        return OsString::from(word);
    };
    let mut parts = word.split(PROMPT_FILE);
    let mut argument = OsString::from(parts.next().unwrap_or_default());
    for part in parts {
        argument.push(file);
        argument.push(part);
    }
    argument
}
