use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::batch::{Agreement, Dock, PartStage, Shelved, Submission};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::setup::who;
use crate::cli::tell::tell;
use crate::config::{Config, EndpointKind, Environment, Flags};
use crate::interrupt::Interrupt;
use crate::keys::Key;
use crate::llm::client::BatchClient;
use crate::state::{Holder, StateDir};
use crate::ui::diagnostics;
use crate::words::{Exit, Failure};

/// What every command about batches works with.
pub(super) struct Yard {
    pub(super) config: Config,
    pub(super) state: StateDir,
    pub(super) user: String,
    pub(super) interrupt: Interrupt,
    host: String,
}

/// The engines of endpoints, each made when it is needed first.
pub(super) struct Clients<'a> {
    config: &'a Config,
    environment: &'a Environment,
    interrupt: &'a Interrupt,
    made: BTreeMap<String, BatchClient>,
}

impl Yard {
    /// Reads the configuration.
    pub(super) fn open(global: &Global, world: &World, endpoint: Option<String>) -> Result<Self, Failure> {
        let flags = Flags {
            config: global.config.clone(),
            endpoint,
            state_dir: global.state_dir.clone(),
            insecure_http: global.insecure_http,
        };
        let config = Config::load(&world.environment, &flags)?;
        let state = StateDir::new(config.state_dir()?.value.clone());
        let who = who(world);
        Ok(Self {
            config,
            state,
            user: who.user,
            host: who.host,
            interrupt: Interrupt::listen()?,
        })
    }

    /// Where plans are taken to be written to.
    pub(super) fn dock(&self) -> Dock<'_> {
        Dock {
            state: &self.state,
            interrupt: &self.interrupt,
            holder: Holder {
                pid: std::process::id(),
                host: self.host.clone(),
                since: jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S").to_string(),
            },
        }
    }

    /// The engines of its endpoints.
    pub(super) fn clients<'a>(&'a self, world: &'a World) -> Clients<'a> {
        Clients {
            config: &self.config,
            environment: &world.environment,
            interrupt: &self.interrupt,
            made: BTreeMap::new(),
        }
    }
}

impl Clients<'_> {
    /// The engine that a submission went to.
    ///
    /// Fails with exit 6 when the endpoint is gone, or is another one by now: neither the key nor a question about the
    /// batch goes there.
    pub(super) fn of(&mut self, agreement: &Agreement) -> Result<&mut BatchClient, Failure> {
        let name = &agreement.endpoint;
        let made = match self.made.entry(name.clone()) {
            Entry::Occupied(made) => return Ok(made.into_mut()),
            Entry::Vacant(place) => place,
        };
        let kind = self.config.endpoints.get(name).map(|endpoint| &endpoint.kind);
        let wrong = |text: String| {
            Failure::new(Exit::Configuration, "endpoint-changed", text).help(format!(
                "its batches were submitted to `{}`: set `[endpoint.{name}]` up as it was",
                agreement.url
            ))
        };
        let Some(EndpointKind::Provider(config)) = kind else {
            return Err(wrong(format!(
                "there is no endpoint `{name}` any more that has a batch engine"
            )));
        };
        if config.shown_url() != agreement.url {
            return Err(wrong(format!(
                "the endpoint `{name}` is at `{}` now",
                config.shown_url()
            )));
        }
        let key = Key::of(name, config, self.environment)?;
        Ok(made.insert(BatchClient::new(name, config, key, self.interrupt.clone())?))
    }
}

/// The submissions that an id names; all where none is named. Those that another command is at work on are told of.
///
/// Fails with exit 2 for an id that is none, and with 10 for one that another command is at work on.
pub(super) fn named(open: Vec<Shelved>, id: Option<&str>) -> Result<Vec<Submission>, Failure> {
    let mut submissions = Vec::new();
    for shelved in open {
        match shelved {
            Shelved::Open(submission) => submissions.push(*submission),
            Shelved::Held(mark) => {
                let text = format!("another command is at work on batch {mark}");
                if id == Some(&mark) {
                    return Err(Failure::new(Exit::Held, "batch-held", text).help("wait until it has ended"));
                }
                tell(&format!("{text}: it is left alone\n"));
            }
        }
    }
    let Some(id) = id else {
        return Ok(submissions);
    };
    let is_it = |submission: &Submission| {
        let part = |stage: &PartStage| matches!(stage, PartStage::Made(made) if made == id);
        submission.mark == id || submission.parts.iter().any(|part_| part(&part_.stage))
    };
    submissions.retain(is_it);
    if submissions.is_empty() {
        let text = format!("no batch `{}` is out", crate::words::printable_line(id));
        return Err(Failure::new(Exit::Usage, "no-such-batch", text)
            .help("`stepgate batch status` lists those that are"));
    }
    Ok(submissions)
}

/// Brings to an end what was cut off of a submission; what is told of it is told, and what fails holds up nothing else.
pub(super) fn settle(
    submission: &mut Submission,
    yard: &Yard,
    tally: &mut Tally,
    world: &World,
) -> Result<(), Failure> {
    match submission.settle(&yard.dock()) {
        Ok(notes) => notes.iter().for_each(|note| tell(&format!("{note}\n"))),
        Err(failure) => tally.tell(&failure, world.stderr_colour)?,
    }
    Ok(())
}

/// Tells of failures after which work goes on, and remembers what to end with.
#[derive(Default)]
pub(super) struct Tally {
    exit: Option<Exit>,
}

impl Tally {
    /// Tells of a failure. A signal is not told of, and ends what is going on.
    pub(super) fn tell(&mut self, failure: &Failure, colour: bool) -> Result<(), Failure> {
        if matches!(failure.exit, Exit::Signal(_)) {
            return Err(failure.clone());
        }
        tell(&diagnostics::failure(failure, colour));
        self.note(failure.exit);
        Ok(())
    }

    /// Remembers what to end with, unless something else is remembered.
    pub(super) fn note(&mut self, exit: Exit) {
        self.exit.get_or_insert(exit);
    }

    /// Remembers an exit unless it says that all is well.
    pub(super) fn note_unless_done(&mut self, exit: Exit) {
        if exit != Exit::Done {
            self.note(exit);
        }
    }

    /// What to end with.
    pub(super) fn exit(&self) -> Exit {
        self.exit.unwrap_or(Exit::Done)
    }
}
