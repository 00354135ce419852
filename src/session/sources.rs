use std::cell::RefCell;

use super::found::Found;
use super::memory::Memory;
use super::outstanding::Outstanding;
use super::stage::Stage;
use crate::documents;
use crate::llm::Terms;
use crate::plan::Plan;
use crate::plan_file::PlanFile;
use crate::prompt::{Document, Filled, Material, Occasion, Prompt, Retry, Template, Templates};
use crate::state::{Blobs, Entry, Journal, StateDir};
use crate::tree::{Reader, Root};
use crate::words::{Digest, Failure, Source};

/// What prompts are made from. A session, `stepgate prompt` and `stepgate export` make them here alike, so that what was
/// sent can be printed.
pub(crate) struct Sources<'a> {
    pub(crate) root: &'a Root,
    pub(crate) file: &'a PlanFile,
    pub(crate) templates: &'a Templates,
    /// The role that they begin with.
    pub(crate) role: Template,
    /// Further documents that every prompt shows, from the repository root.
    pub(crate) context: &'a [String],
    /// What the endpoint that it would be sent to counts and takes.
    pub(crate) terms: &'a Terms,
}

/// The sources with the plan's documents, read once for all of its steps; the files of these are looked for in one pass.
pub(crate) struct Opened<'a> {
    sources: &'a Sources<'a>,
    path: String,
    documents: Vec<Document>,
    filled: Filled,
    reader: RefCell<Reader<'a>>,
}

impl Sources<'_> {
    /// Reads the documents of the plan.
    pub(crate) fn open<'a>(&'a self, plan: &Plan, source: &Source) -> Result<Opened<'a>, Failure> {
        let real = self.file.real();
        let path = real.strip_prefix(self.root.path()).unwrap_or(real);
        Ok(Opened {
            sources: self,
            path: path.to_string_lossy().into_owned(),
            documents: documents::of_plan(plan, source, self.root, self.file, self.context)?,
            filled: Filled::default(),
            reader: RefCell::new(Reader::new(self.root)),
        })
    }

    /// The prompt of a step, as it would be sent now: what does not fit the endpoint's context is left out already.
    pub(crate) fn prompt(
        &self,
        found: &Found<'_>,
        attempt: u32,
        retry: Option<&Retry>,
    ) -> Result<Prompt, Failure> {
        self.open(found.plan, found.source)?.prompt(found, attempt, retry)
    }
}

impl Opened<'_> {
    /// The plan's path from the root.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The prompt of a step of the plan, as it would be sent now.
    pub(crate) fn prompt(
        &self,
        found: &Found<'_>,
        attempt: u32,
        retry: Option<&Retry>,
    ) -> Result<Prompt, Failure> {
        let files = documents::of_step(found.step, found.source, &mut self.reader.borrow_mut());
        let material = Material {
            templates: self.sources.templates,
            role: self.sources.role,
            plan: found.plan,
            source: found.source,
            path: &self.path,
            documents: &self.documents,
            filled: &self.filled,
        };
        let occasion = Occasion {
            phase: found.phase,
            step: found.step,
            files: &files,
            attempt,
            retry,
        };
        material.prompt(&occasion, self.sources.terms)
    }
}

/// What the record has of a plan that nobody holds, for whoever only looks.
#[derive(Default)]
pub(crate) struct History {
    entries: Vec<Entry>,
    blobs: Option<Blobs>,
}

impl History {
    /// Reads the record of a plan; there may be none.
    pub(crate) fn of(state: &StateDir, file: &PlanFile) -> Result<Self, Failure> {
        let Some(folder) = state.existing(file) else {
            return Ok(Self::default());
        };
        Ok(Self {
            entries: Journal::read(&folder)?,
            blobs: Some(Blobs::open(folder.join("blobs"))?),
        })
    }

    /// Number of the attempt at a step that comes next, and what the one before came to.
    pub(crate) fn upcoming(&self, step: &str) -> (u32, Option<Retry>) {
        let memory = Memory::of(step, &self.entries);
        let read = |digest: &Digest| String::from_utf8(self.blobs.as_ref()?.get(digest).ok()?).ok();
        (memory.attempt, memory.retry(read))
    }
}

/// Why the prompt of a step that may run is not sent with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hindrance {
    /// It is with a batch engine already.
    Out,
    /// A reply is stored and waits for a session.
    Replied,
    /// A session was begun with it, and goes on at another place.
    UnderWay,
    /// Its plan was moved while steps of it are with a batch engine, and its record could not be taken along.
    Moved,
    /// It depends on what only a person can see, and nobody vouched for it.
    External,
}

impl Hindrance {
    /// In words, said of steps.
    pub fn words(self) -> &'static str {
        match self {
            Self::Out => "with a batch already",
            Self::Replied => "replied to, and waiting for `stepgate run`",
            Self::UnderWay => "under way in a session",
            Self::Moved => "of a plan that was moved while steps of it are with a batch",
            Self::External => "dependent on what only a person can see",
        }
    }
}

impl Memory {
    /// Why the step's prompt is not sent now. `attested` says that somebody vouches for what stepgate cannot see.
    pub(crate) fn hindrance(&self, found: &Found<'_>, attested: bool) -> Option<Hindrance> {
        match &self.stage {
            Stage::Fresh | Stage::Escalated => {
                let external = found.external();
                let vouched = attested || external.is_empty() || self.vouched == external;
                (!vouched).then_some(Hindrance::External)
            }
            Stage::Out { .. } => Some(Hindrance::Out),
            Stage::Replied { .. } => Some(Hindrance::Replied),
            _ => Some(Hindrance::UnderWay),
        }
    }
}

impl History {
    /// Why a step's prompt is not sent now.
    pub(crate) fn hindrance(&self, found: &Found<'_>, attested: bool) -> Option<Hindrance> {
        Memory::of(&found.id(), &self.entries).hindrance(found, attested)
    }

    /// That a step is with an engine though the record of its plan does not know it.
    pub(crate) fn outstanding<'a>(
        &self,
        found: &Found<'_>,
        of_plan: impl Iterator<Item = &'a Outstanding>,
    ) -> Option<Hindrance> {
        let id = found.id();
        let mut of_step = of_plan.filter(|one| one.step == id);
        of_step
            .any(|one| !one.is_known(&self.entries))
            .then_some(Hindrance::Out)
    }
}
