use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::budget::Budget;
use super::checkup::Bench;
use super::event::Listener;
use super::found::Found;
use super::gate::{Answer, Stop};
use super::memory::Memory;
use super::outstanding::Outstanding;
use super::sources::Sources;
use crate::agent::Agent;
use crate::interrupt::Interrupt;
use crate::llm::{Endpoint, Terms};
use crate::plan::Number;
use crate::plan_file::{PlanFile, Reading};
use crate::prompt::{Prompt, Retry, Template, Templates};
use crate::state::{Blobs, Journal, Record};
use crate::tree::{Depot, Root, Survey};
use crate::words::{Digest, Exit, Failure};

/// The signal that a closed pipe stands for.
const SIGPIPE: u8 = 13;

/// Where prompts go.
pub enum Delivery {
    /// To a model.
    Endpoint(Box<dyn Endpoint>),
    /// To the person, who uses a tool of their own.
    Manual,
    /// To an external agent, which works in the tree.
    Agent(Box<Agent>),
}

impl Delivery {
    /// The name for messages and records.
    pub fn name(&self) -> &str {
        match self {
            Self::Endpoint(endpoint) => endpoint.name(),
            Self::Manual => "manual",
            Self::Agent(agent) => agent.name(),
        }
    }
}

/// How a session behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only this step.
    pub step: Option<Number>,
    /// Stop when this step is done.
    pub until: Option<Number>,
    /// How long a check may take.
    pub check_timeout: Duration,
    /// Variables of the environment that hold keys: a check does not see them.
    pub secret_variables: Vec<String>,
    /// Further documents that every prompt shows, from the repository root.
    pub context: Vec<String>,
    /// What the endpoint counts, takes and costs.
    pub terms: Terms,
    /// What the session may spend.
    pub budget: Budget,
    /// Before a new step, the checks of those that it depends on run again.
    pub regress: bool,
    /// A step that is done is committed.
    pub commit: bool,
    /// Nothing is sent: the session goes on as long as replies are stored.
    pub stored: bool,
    /// Requests of the plan that are with a batch engine, by the records of their batches.
    pub outstanding: Vec<Outstanding>,
}

/// Everything that a session works with.
pub struct Desk {
    /// The plan.
    pub file: PlanFile,
    /// The repository.
    pub root: Root,
    /// What was done, and what is being done.
    pub journal: Journal,
    /// The texts that the journal speaks of.
    pub blobs: Blobs,
    /// The words for the model.
    pub templates: Templates,
    /// Where prompts go.
    pub delivery: Delivery,
    /// Signals.
    pub interrupt: Interrupt,
    /// How the session behaves.
    pub options: Options,
    /// Names the temporary files of this session.
    pub session: String,
    /// A private folder for what a check needs while it runs.
    pub scratch: PathBuf,
}

impl Desk {
    /// Puts an act on record before it is done.
    pub(crate) fn record(&mut self, record: Record) -> Result<(), Failure> {
        self.journal.add(record)
    }

    /// Keeps a text, without keys.
    pub(crate) fn keep(&self, text: &str) -> Result<Digest, Failure> {
        self.blobs.put(text)
    }

    /// Keeps a prompt as it was made, where a person edited it.
    pub(crate) fn keep_made(&self, prompt: &Prompt) -> Result<Option<Digest>, Failure> {
        prompt.made.as_deref().map(|made| self.keep(made)).transpose()
    }

    /// A text that was kept; `None` when it is gone or damaged, for state may be deleted at any time.
    pub(crate) fn kept(&self, digest: &Digest) -> Option<String> {
        String::from_utf8(self.blobs.get(digest).ok()?).ok()
    }

    /// What the journal has on a step.
    pub(crate) fn memory(&self, step: &str) -> Memory {
        Memory::of(step, self.journal.entries())
    }

    /// Ends the session when a signal asked for it, or when nobody can be told what it does.
    pub(crate) fn pause(&self, listener: &dyn Listener) -> Answer<()> {
        if let Some(signal) = self.interrupt.raised() {
            return Err(Stop::Interrupted(signal));
        }
        match listener.broken() {
            None => Ok(()),
            Some(ErrorKind::BrokenPipe) => Err(Stop::Interrupted(SIGPIPE)),
            Some(kind) => {
                let path = Path::new("standard output or standard error");
                Err(Failure::io("write to", path, &kind.into()).into())
            }
        }
    }

    /// Where snapshots of the tree are kept.
    pub(crate) fn depot(&self) -> Depot<'_> {
        Depot {
            root: &self.root,
            blobs: &self.blobs,
            state: &self.scratch,
        }
    }

    /// How the tree is looked at as a whole.
    pub(crate) fn survey(&self) -> Survey<'_> {
        Survey {
            root: &self.root,
            scratch: &self.scratch,
            state: self.scratch.parent(),
        }
    }

    /// What a check needs.
    pub(crate) fn bench(&self) -> Bench<'_> {
        Bench {
            folder: self.root.path(),
            scratch: &self.scratch,
            without: &self.options.secret_variables,
            timeout: self.options.check_timeout,
            interrupt: &self.interrupt,
        }
    }

    /// Finds a step in a reading; exit 11 when it is no longer there.
    pub(crate) fn find<'a>(&self, reading: &'a Reading, id: &str) -> Result<Found<'a>, Failure> {
        let found = Number::parse(id).and_then(|number| reading.plan.step(number));
        let Some((phase, step)) = found else {
            let text = format!("step {id} is no longer in `{}`", self.file.shown());
            return Err(Failure::new(Exit::Changed, "step-gone", text)
                .help("it was removed or renumbered while it was worked on; nothing was ticked")
                .help("run again to go on with the plan as it stands"));
        };
        Ok(Found {
            source: &reading.source,
            plan: &reading.plan,
            phase,
            step,
        })
    }

    /// The prompt of a step, as it would be sent now.
    pub(crate) fn prompt(
        &self,
        found: &Found<'_>,
        attempt: u32,
        retry: Option<&Retry>,
    ) -> Result<Prompt, Failure> {
        let role = match self.delivery {
            Delivery::Agent(_) => Template::Agent,
            Delivery::Endpoint(_) | Delivery::Manual => Template::System,
        };
        self.sources(role, &self.options.terms)
            .prompt(found, attempt, retry)
    }

    /// What prompts of this role are made from, for an endpoint of these terms.
    pub(crate) fn sources<'a>(&'a self, role: Template, terms: &'a Terms) -> Sources<'a> {
        Sources {
            root: &self.root,
            file: &self.file,
            templates: &self.templates,
            role,
            context: &self.options.context,
            terms,
        }
    }
}

/// The digest of a file's bytes, or `None` where it is gone. Fails with exit 9 where it cannot be read.
pub(crate) fn fingerprint(path: &Path) -> Result<Option<Digest>, Failure> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(Digest::of(bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("read", path, &error)),
    }
}
