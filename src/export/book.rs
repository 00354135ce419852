use std::path::PathBuf;
use std::sync::Arc;

use super::exported::{Common, Shapes};
use super::in_order::in_order;
use super::repository::Repositories;
use super::{CustomId, ExportedPlan, ExportedStep, Format, Name, OutByPlan, Selection, Wire};
use crate::documents;
use crate::interrupt::Interrupt;
use crate::llm::Terms;
use crate::plan::{Number, Progress, one_line};
use crate::plan_file::{PlanFile, Reading};
use crate::prompt::{Prompt, Template};
use crate::session::{Found, Hindrance, History, Sources};
use crate::state::StateDir;
use crate::words::{Exit, Failure};

/// Plans in flight: being read, or waiting to be written.
const IN_FLIGHT: usize = 8;

/// What turns plans into requests, the same for all of them.
pub struct Book {
    /// Which steps are wanted.
    pub selection: Selection,
    /// What is left out of a submission; `None` for an export, which leaves nothing out.
    pub wave: Option<Wave>,
    /// What the endpoint takes: what does not fit its context is left out. Tokens are counted where that decides, and
    /// estimated elsewhere.
    pub terms: Terms,
    /// Where the records of plans are: an attempt that failed is part of the next one's prompt.
    pub state: StateDir,
    /// The root of the repository, where the user named one.
    root: Option<PathBuf>,
    /// The folder that the process stands in.
    current: Option<PathBuf>,
    shapes: Shapes,
    repositories: Repositories,
}

/// A submission to a batch engine: steps that something is under way of are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// What stands at the end of every id.
    pub mark: String,
    /// Whether somebody vouches for what stepgate cannot see.
    pub attested: bool,
    /// What is with an engine by the records of batches.
    pub outstanding: OutByPlan,
}

impl Wave {
    /// Why the prompt of a step is not sent now.
    fn hindrance(
        &self,
        history: &History,
        file: &PlanFile,
        id: &str,
        found: &Found<'_>,
    ) -> Option<Hindrance> {
        let outstanding = self.outstanding.of(id, file.real());
        // Where its record could not be taken along, a person has to say first which plan is meant.
        let moved = || self.outstanding.may_be_moved(id, file.real(), found.plan);
        let out = history.outstanding(found, outstanding);
        out.or_else(|| moved().then_some(Hindrance::Moved))
            .or_else(|| history.hindrance(found, self.attested))
    }
}

/// Something that may be a plan.
pub trait Item: Sync {
    /// Its path as it is shown to the user.
    fn shown(&self) -> String;

    /// Opens and reads it; `None` for what is no plan and need not be one.
    fn read(&self) -> Option<Result<(PlanFile, Reading), Failure>>;

    /// Whether there is something of this name in it, also where `read` passes over it or it cannot be exported.
    fn has(&self, name: Name) -> bool;
}

/// What came of a file that may be a plan.
#[derive(Debug)]
pub enum Outcome {
    /// Its requests; there may be none that are wanted.
    Plan(Box<ExportedPlan>),
    /// It is no plan and need not be one.
    NoPlan,
    /// Why nothing of it can be exported.
    Failed(Failure),
}

impl Book {
    /// A book for requests in one format; `wire` makes their bodies, where there are any. All steps are wanted.
    pub fn new(state: StateDir, format: Format, wire: Option<Wire>) -> Self {
        Self {
            selection: Selection::default(),
            wave: None,
            terms: Terms::default(),
            state,
            root: None,
            current: None,
            shapes: Shapes {
                wire,
                json: format == Format::Json,
            },
            repositories: Repositories::default(),
        }
    }

    /// Says where the roots of repositories are looked for: the one that the user named, else above each plan, else the
    /// folder that the process stands in.
    ///
    /// Fails with exit 9 when the one that is named cannot be found.
    pub fn rooted(mut self, root: Option<PathBuf>, current: Option<PathBuf>) -> Result<Self, Failure> {
        let find = |root: PathBuf| {
            root.canonicalize()
                .map_err(|error| Failure::io("open the folder", &root, &error))
        };
        self.root = root.map(find).transpose()?;
        self.current = current;
        Ok(self)
    }

    /// What makes the bodies, where there are any.
    pub fn wire(&self) -> Option<&Wire> {
        self.shapes.wire.as_ref()
    }

    /// Reads items in parallel, and hands over what came of each in their order.
    ///
    /// Ends with the first failure of `take`, and with that of a signal.
    pub fn each<T: Item>(
        &self,
        items: &[T],
        interrupt: &Interrupt,
        take: impl FnMut(usize, &Outcome) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let work = |item: &T| match item.read() {
            None => Outcome::NoPlan,
            Some(Err(failure)) => Outcome::Failed(failure),
            Some(Ok((file, reading))) => match self.plan(&file, &reading) {
                Ok(plan) => Outcome::Plan(Box::new(plan)),
                Err(failure) => Outcome::Failed(failure),
            },
        };
        in_order(items, IN_FLIGHT, work, || interrupt.check(), take)
    }

    /// The requests of one plan.
    ///
    /// Fails like `stepgate prompt` does, for any of its wanted steps: a plan is exported as a whole.
    pub fn plan(&self, file: &PlanFile, reading: &Reading) -> Result<ExportedPlan, Failure> {
        reading.check()?;
        let (plan, source) = (&reading.plan, &reading.source);
        let folder = match &self.root {
            Some(root) => root.clone(),
            None => documents::root_of(plan, file, self.current.as_deref()),
        };
        if !file.real().starts_with(&folder) {
            let text = format!(
                "`{}` is not beneath the root `{}`",
                file.shown(),
                folder.display()
            );
            return Err(Failure::new(Exit::Usage, "root", text)
                .help("name a folder above the plan with `--root DIR`"));
        }
        let repository = self.repositories.at(&folder)?;
        let sources = Sources {
            root: &repository.root,
            file,
            role: Template::System,
            templates: &repository.templates,
            context: &repository.context,
            terms: &self.terms,
        };
        let opened = sources.open(plan, source)?;
        let title = plan
            .header
            .title
            .as_ref()
            .map(|span| one_line(source.slice(span)));
        let mut exported = ExportedPlan {
            id: CustomId::of_plan(plan, source),
            title: title.unwrap_or_else(|| opened.path().to_owned()),
            path: opened.path().to_owned(),
            real: file.real().to_string_lossy().into_owned(),
            steps: Vec::new(),
            left_out: Vec::new(),
            named_steps: named(&self.selection.steps, |id| plan.step(id).is_some()),
            named_phases: named(&self.selection.phases, |number| {
                plan.phases.iter().any(|phase| phase.number == number)
            }),
        };
        let progress = Progress::of(plan);
        let history = History::of(&self.state, file)?;
        for phase in &plan.phases {
            let opening = progress.opening(phase);
            for step in &phase.steps {
                if self.selection.wants(&progress, &opening, phase, step) {
                    let found = Found {
                        source,
                        plan,
                        phase,
                        step,
                    };
                    if let Some(wave) = &self.wave
                        && let Some(why) = wave.hindrance(&history, file, &exported.id, &found)
                    {
                        exported.left_out.push((found.id(), why));
                        continue;
                    }
                    let (attempt, retry) = history.upcoming(&found.id());
                    let prompt = opened.prompt(&found, attempt, retry.as_ref())?;
                    let before = exported.steps.last().map(|step| &step.common);
                    let common = Common::of(&prompt.request, &self.shapes, before);
                    let mark = self.wave.as_ref().map_or("", |wave| wave.mark.as_str());
                    let id = CustomId::marked(&exported.id, step.id, mark)?;
                    exported.steps.push(exported_step(&found, prompt, common, id));
                }
            }
        }
        Ok(exported)
    }
}

fn exported_step(found: &Found<'_>, prompt: Prompt, common: Arc<Common>, id: CustomId) -> ExportedStep {
    ExportedStep {
        id,
        step: found.id(),
        title: one_line(found.source.slice(&found.step.title)),
        phase: found.phase.number.to_string(),
        done: found.step.is_done(),
        attempt: prompt.request.attempt,
        prompt: common.digest(&prompt.request.own),
        text: found.step.fingerprint(found.source),
        tokens: prompt.tokens(),
        encoded: common.encoded(&prompt.request),
        own: prompt.request.own,
        common,
    }
}

fn named(numbers: &[Number], has: impl Fn(Number) -> bool) -> Vec<Number> {
    numbers.iter().copied().filter(|number| has(*number)).collect()
}
