//! What `export` and `batch submit` have in common: which files and steps are meant, how much goes into a file, and how far
//! it is.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::World;
use super::plans::{self, Named};
use super::tell::tell;
use crate::config::EndpointConfig;
use crate::export::{ExportedPlan, Format, Item, Limits, Name, Selection, Standing, Told};
use crate::llm::Terms;
use crate::plan::Number;
use crate::plan_file::{PlanFile, Reading};
use crate::ui::diagnostics;
use crate::words::Failure;

/// Steps that the user names in the plans.
#[derive(Debug, Args)]
pub(crate) struct ChosenSteps {
    /// Only this step of each plan; several with commas between
    #[arg(long = "step", value_name = "ID", value_delimiter = ',', value_parser = number)]
    steps: Vec<Number>,
    /// Only the steps of this phase of each plan; several with commas between
    #[arg(long = "phase", value_name = "N", value_delimiter = ',', value_parser = number)]
    phases: Vec<Number>,
}

impl ChosenSteps {
    /// Those of the named steps that stand so.
    pub(crate) fn selection(&self, standing: Standing) -> Selection {
        Selection {
            standing,
            steps: self.steps.clone(),
            phases: self.phases.clone(),
        }
    }
}

/// A step or a phase, as the user names it.
fn number(text: &str) -> Result<Number, String> {
    Number::parse(text).ok_or_else(|| "a number such as 1.2 is meant".to_owned())
}

/// The files that may be plans, each once.
///
/// Fails for a folder that cannot be looked into: what stands in it would be missing without a word.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<Named>, Failure> {
    let (files, failures) = plans::find(paths);
    match failures.into_iter().next() {
        Some(failure) => Err(failure),
        None => Ok(once(files)),
    }
}

/// Each file once, by whatever names it was found.
fn once(files: Vec<Named>) -> Vec<Named> {
    let mut seen = HashSet::new();
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    // One that is named must be a plan, also where it is found in a folder too.
    let named = files.iter().filter(|file| file.by_user);
    let by_user: HashSet<PathBuf> = named.map(|file| real(&file.path)).collect();
    let mut folders: HashMap<PathBuf, PathBuf> = HashMap::new();
    files
        .into_iter()
        .filter_map(|file| {
            let path = match (file.path.parent(), file.path.file_name()) {
                // What is found in a folder is no link: where the folder is, it is.
                (Some(folder), Some(name)) if !file.by_user && !folder.as_os_str().is_empty() => {
                    let folder = folders
                        .entry(folder.to_path_buf())
                        .or_insert_with(|| real(folder));
                    folder.join(name)
                }
                _ => real(&file.path),
            };
            let by_user = file.by_user || by_user.contains(&path);
            seen.insert(path).then_some(Named { by_user, ..file })
        })
        .collect()
}

/// Templates that were found in folders.
#[derive(Default)]
pub(crate) struct Templates(Mutex<BTreeSet<String>>);

impl Templates {
    /// Their paths.
    pub(crate) fn take(self) -> Vec<String> {
        let found = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.into_iter().collect()
    }
}

/// A file that may be a plan to export.
pub(crate) struct Exportable<'a> {
    pub(crate) named: Named,
    /// Where it is noted if it is a template: nobody means to run that, unless it is named.
    pub(crate) templates: &'a Templates,
}

impl Item for Exportable<'_> {
    fn shown(&self) -> String {
        self.named.path.display().to_string()
    }

    fn read(&self) -> Option<Result<(PlanFile, Reading), Failure>> {
        let opened = self.named.open()?;
        match &opened {
            Ok((_, reading)) if self.named.is_template(reading) => {
                let mut found = self.templates.0.lock().unwrap_or_else(PoisonError::into_inner);
                found.insert(self.shown());
                None
            }
            _ => Some(opened),
        }
    }

    fn has(&self, name: Name) -> bool {
        self.named.has(name)
    }
}

/// The most of a file: what the user says, else what the engine takes.
pub(crate) fn limits(
    format: Format,
    requests: Option<NonZeroUsize>,
    bytes: Option<NonZeroU64>,
) -> Option<Limits> {
    format.limits().map(|most| Limits {
        requests: requests.map_or(most.requests, NonZeroUsize::get),
        bytes: bytes.map_or(most.bytes, NonZeroU64::get),
    })
}

/// What decides which documents fit. Nothing depends on the number of tokens where the context is not known, and to count
/// them exactly would take longer than all else.
pub(crate) fn terms(endpoint: &EndpointConfig) -> Terms {
    let terms = endpoint.terms();
    match terms.context {
        Some(_) => terms,
        None => Terms::default(),
    }
}

/// Shows how far it is where somebody looks at a terminal, and what failed.
pub(crate) struct Progress {
    bar: ProgressBar,
    colour: bool,
}

impl Progress {
    /// Nothing of so many files is done.
    pub(crate) fn of(count: usize, world: &World) -> Self {
        Self {
            bar: bar(count, world),
            colour: world.stderr_colour,
        }
    }

    /// Shows what happened; the plan, if one is done.
    pub(crate) fn show<'t>(&self, told: &Told<'t>) -> Option<&'t ExportedPlan> {
        match *told {
            Told::Plan(plan) => return Some(plan),
            Told::Looked => self.bar.inc(1),
            Told::Failed(failure) => self
                .bar
                .suspend(|| tell(&diagnostics::failure(failure, self.colour))),
        }
        None
    }

    /// Leaves nothing of itself on the screen.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn bar(count: usize, world: &World) -> ProgressBar {
    if !world.stderr_is_terminal {
        return ProgressBar::hidden();
    }
    let target = ProgressDrawTarget::stderr();
    let bar = ProgressBar::with_draw_target(u64::try_from(count).ok(), target);
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} files").ok();
    match style {
        Some(style) => bar.with_style(style),
        None => bar,
    }
}
