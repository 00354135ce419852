use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::batch::{Agreement, Dock, Part, PartStage, Shelf, Shelved, Submission, held};
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
use crate::words::{Exit, Failure, printable_line};

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
    /// Fails with exit 6, and by the submission's name, when the endpoint is gone, or is another one by now: neither the key
    /// nor a question about the batch goes there.
    pub(super) fn of(&mut self, submission: &Submission) -> Result<&mut BatchClient, Failure> {
        let Agreement {
            endpoint: name, url, ..
        } = &submission.agreement;
        let kind = self.config.endpoints.get(name).map(|endpoint| &endpoint.kind);
        let wrong = |now: String| {
            let text = format!("batch {} was submitted to `{url}`, and {now}", submission.mark);
            Failure::new(Exit::Configuration, "endpoint-changed", text).help(format!(
                "nothing is asked about it, and no key is sent, until `[endpoint.{name}]` is set up as it was"
            ))
        };
        let Some(EndpointKind::Provider(config)) = kind else {
            return Err(wrong(format!(
                "there is no endpoint `{name}` any more that has a batch engine"
            )));
        };
        // Whether another submission made the client already says nothing of this one.
        if config.shown_url() != *url {
            let now = config.shown_url();
            return Err(wrong(format!("the endpoint `{name}` is at `{now}` now")));
        }
        match self.made.entry(name.clone()) {
            Entry::Occupied(made) => Ok(made.into_mut()),
            Entry::Vacant(place) => {
                let key = Key::of(name, config, self.environment)?;
                Ok(place.insert(BatchClient::new(name, config, key, self.interrupt.clone())?))
            }
        }
    }
}

/// The submissions that an id names; all where none is named. What cannot be read is told, unless it is not meant.
pub(super) struct Named {
    /// Those that are ours.
    pub(super) ours: Vec<Submission>,
    /// Those that are only looked at.
    pub(super) seen: Vec<Submission>,
}

impl Named {
    /// Takes those that are meant.
    ///
    /// Fails with exit 2 for an id that is none, and like the reading of one that is named.
    pub(super) fn of(
        shelved: Vec<Shelved>,
        id: Option<&str>,
        (tally, world): (&mut Tally, &World),
    ) -> Result<Self, Failure> {
        let (mut ours, mut seen, mut damaged) = (Vec::new(), Vec::new(), Vec::new());
        let meant = |submission: &Submission| id.is_none_or(|id| is_it(submission, id));
        for one in shelved {
            match one {
                Shelved::Open(submission) if meant(&submission) => ours.push(*submission),
                Shelved::Seen(submission) if meant(&submission) => seen.push(*submission),
                Shelved::Open(_) | Shelved::Seen(_) => {}
                Shelved::Damaged(mark, failure) if id == Some(&mark) => return Err(failure),
                Shelved::Damaged(_, failure) => damaged.push(failure),
            }
        }
        let none = ours.is_empty() && seen.is_empty();
        if none || id.is_none() {
            for failure in &damaged {
                tally.tell(failure, world.stderr_colour)?;
            }
        }
        match id.filter(|_| none) {
            None => Ok(Self { ours, seen }),
            Some(id) => {
                let id = printable_line(id);
                let text = format!("no batch `{id}` is out");
                Err(Failure::new(Exit::Usage, "no-such-batch", text)
                    .help("`stepgate batch status` lists those that are")
                    .help(name_them(&id)))
            }
        }
    }
}

/// How steps are freed whose batch is not on record.
pub(super) fn name_them(mark: &str) -> String {
    format!(
        "where its record is gone, `stepgate batch cancel {mark} --forget PATH…` frees the steps of these plans"
    )
}

/// Whether an id is a submission's mark, or the engine's id of one of its batches.
pub(super) fn is_it(submission: &Submission, id: &str) -> bool {
    let part = |stage: &PartStage| matches!(stage, PartStage::Made(made) if made == id);
    submission.mark == id || submission.parts.iter().any(|one| part(&one.stage))
}

/// Like [`is_it`], also by the id of a batch that is over: for commands that do nothing to one that is not.
pub(super) fn was_it(submission: &Submission, id: &str) -> bool {
    let mut parts = submission.parts.iter();
    submission.mark == id || parts.any(|part| part.batch.as_deref() == Some(id))
}

/// That a batch which is named is over, in words: its results are home, or it was given up. `None` where it is out, or there
/// is none. Two servers may call their batches by one id: then the one that is out is meant.
pub(super) fn over(shelf: &Shelf<'_>, id: &str) -> Result<Option<String>, Failure> {
    let all = shelf.look_at_all()?.into_iter().filter_map(|one| match one {
        Shelved::Open(submission) | Shelved::Seen(submission) => Some(submission),
        Shelved::Damaged(..) => None,
    });
    let all: Vec<Box<Submission>> = all.collect();
    if all.iter().any(|one| !one.is_over() && is_it(one, id)) {
        return Ok(None);
    }
    for submission in all {
        let named = |part: &&Part| submission.mark == id || part.batch.as_deref() == Some(id);
        let parts: Vec<&Part> = submission.parts.iter().filter(named).collect();
        if !parts.is_empty() && parts.iter().all(|part| part.stage.is_over()) {
            let home = parts.iter().any(|part| matches!(part.stage, PartStage::Home(_)));
            return Ok(Some(match home {
                true => format!("batch {} is home already", printable_line(id)),
                false => format!(
                    "batch {} was given up or not made, and its steps are free",
                    printable_line(id)
                ),
            }));
        }
    }
    Ok(None)
}

/// The submissions to work on that an id names; all where none is named. Those that another command is at work on are told
/// of and left alone.
///
/// Fails like [`Named::of`], with exit 2 where an id names batches of several servers, and with exit 10 where another command
/// is at work on all of them.
pub(super) fn named(
    open: Vec<Shelved>,
    id: Option<&str>,
    with: (&mut Tally, &World),
) -> Result<Vec<Submission>, Failure> {
    let Named { ours, seen } = Named::of(open, id, with)?;
    if let Some(id) = id {
        one_only(id, ours.iter().chain(&seen))?;
    }
    let alone = usize::from(ours.is_empty());
    for other in seen.iter().skip(alone) {
        let mark = &other.mark;
        tell(&format!(
            "another command is at work on batch {mark}: it is left alone\n"
        ));
    }
    match seen.first() {
        Some(first) if ours.is_empty() => Err(held(&first.mark)),
        _ => Ok(ours),
    }
}

/// Refuses an id, with exit 2, that names several submissions: servers that count their batches have the same ids.
pub(super) fn one_only<'a>(
    id: &str,
    submissions: impl Iterator<Item = &'a Submission>,
) -> Result<(), Failure> {
    let named = submissions.map(|one| format!("{} (`{}`)", one.mark, one.agreement.endpoint));
    let named: Vec<String> = named.collect();
    if named.len() < 2 {
        return Ok(());
    }
    let text = format!(
        "several servers have a batch `{}`: {}",
        printable_line(id),
        named.join(", ")
    );
    Err(Failure::new(Exit::Usage, "which-batch", text).help("name one by its mark"))
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
    told: BTreeSet<String>,
}

impl Tally {
    /// Begins again: what was told is not told a second time, and what to end with is forgotten.
    pub(super) fn again(&mut self) {
        self.exit = None;
    }

    /// Tells of a failure. A signal is not told of, and ends what is going on.
    pub(super) fn tell(&mut self, failure: &Failure, colour: bool) -> Result<(), Failure> {
        if matches!(failure.exit, Exit::Signal(_)) {
            return Err(failure.clone());
        }
        let text = diagnostics::failure(failure, colour);
        if self.told.insert(text.clone()) {
            tell(&text);
        }
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
