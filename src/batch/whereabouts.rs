//! Where a plan stands now that was moved since its prompts went out.

use std::path::Path;

use ignore::WalkBuilder;

use super::dock::{Dock, find};
use crate::export::{CustomId, PlanEntry};
use crate::plan_file::PlanFile;
use crate::state::{Journal, Lock};
use crate::words::{Exit, Failure, printable_line};

/// How many plans are named that could be one that was moved.
const NAMED: usize = 3;

/// Finds a plan that is no longer where it stood: the one below a root that has its id and at least one of its steps. `None`
/// where there is none.
///
/// Fails with exit 3 where several could be it: which one is for a person to say.
pub(super) fn moved(plan: &PlanEntry, root: &Path) -> Result<Option<PlanFile>, Failure> {
    let mut found: Vec<PlanFile> = below(root).filter(|file| is_it(plan, file)).collect();
    if found.len() < 2 {
        return Ok(found.pop());
    }
    let paths = found.iter().take(NAMED);
    let paths: Vec<_> = paths
        .map(|file| format!("`{}`", printable_line(file.shown())))
        .collect();
    let more = match found.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!(
        "`{}` is no longer where it stood, and several plans have its id {}: {}{more}",
        printable_line(&plan.path),
        plan.id,
        paths.join(", ")
    );
    Err(Failure::new(Exit::Invalid, "moved-plan", text)
        .help("put it back where it stood, or leave one plan with this id"))
}

/// Markdown files that the tree does not ignore.
fn below(root: &Path) -> impl Iterator<Item = PlanFile> {
    let walk = WalkBuilder::new(root)
        .require_git(false)
        .git_global(false)
        .sort_by_file_path(Path::cmp)
        .build();
    walk.flatten().filter_map(|entry| {
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        let end = entry.path().extension()?;
        let is_markdown = is_file && end.eq_ignore_ascii_case("md");
        is_markdown.then(|| PlanFile::find(entry.path()).ok()).flatten()
    })
}

fn is_it(plan: &PlanEntry, file: &PlanFile) -> bool {
    let Ok(reading) = file.read() else { return false };
    CustomId::of_plan(&reading.plan, &reading.source) == plan.id
        && plan.steps.iter().any(|step| find(&reading, &step.step).is_some())
}

impl Dock<'_> {
    /// Takes what is remembered of a plan along to where it stands now.
    ///
    /// Fails with exit 10 while a session holds it, and with 11 where something is remembered at the new place already.
    pub(super) fn follow(&self, plan: &PlanEntry, file: &PlanFile) -> Result<(), Failure> {
        let _lock = Lock::take(self.state, file, &self.holder)?;
        let old = Path::new(&plan.real);
        let there = self.state.of_plan(file)?;
        if self.state.remembers(old) && !Journal::read(&there)?.is_empty() {
            let text = format!(
                "`{}` was moved to `{}`, and both places have a record",
                printable_line(&plan.path),
                printable_line(file.shown())
            );
            return Err(Failure::new(Exit::Changed, "moved-plan", text)
                .help("put it back where it stood: its steps are out from there")
                .help(format!(
                    "or move `{}` away: it is the record at the new place",
                    there.display()
                )));
        }
        self.state.follow(old, file.real())
    }
}
