use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::World;
use super::plans::{self, Named};
use super::tell::tell;
use crate::plan_file::{PlanFile, Reading};
use crate::ui::{Paint, table, tree};
use crate::words::{Exit, Failure, printable_line};

/// Shows how far plans are: a folder as one line a plan, one plan as a tree
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// Plans, or folders with plans
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    plans: Vec<table::Line>,
}

/// Shows how far the plans are. A plan that is refused is told as that, the others all the same; exit 3 at the end.
pub(super) fn run(args: &StatusArgs, world: &World) -> Result<Exit, Failure> {
    match args.paths.as_slice() {
        [path] if !args.json && !path.is_dir() => one(path, world),
        paths => many(paths, args.json, world),
    }
}

fn one(path: &std::path::Path, world: &World) -> Result<Exit, Failure> {
    let reading = PlanFile::find(path)?.read_valid()?;
    let paint = Paint::new(world.stdout_colour);
    tree::render(&reading.plan, &reading.source, paint, |text| world.print(text))?;
    // The process ends here: taking a large plan apart first would take as long as showing it.
    std::mem::forget(reading);
    Ok(Exit::Done)
}

fn many(paths: &[PathBuf], json: bool, world: &World) -> Result<Exit, Failure> {
    let (files, mut failures) = plans::find(paths);
    let read = plans::in_parallel(&files, |file| line(file, json));
    let (lines, refused): (Vec<_>, Vec<_>) = read.into_iter().flatten().unzip();
    failures.extend(refused.into_iter().flatten());
    if json {
        world.print_json(&Document {
            schema: "stepgate.status/1",
            plans: lines,
        })?;
    } else if lines.is_empty() && failures.is_empty() {
        let text = paths
            .iter()
            .map(|path| format!("`{}`", printable_line(&path.to_string_lossy())))
            .collect::<Vec<_>>()
            .join(", ");
        tell(&format!(
            "no plans in {text}: a plan is a Markdown file with a heading such as `#### Step 1.1: Title`\n"
        ));
    } else {
        world.print(&table::render(&lines, Paint::new(world.stdout_colour)))?;
    }
    if failures.is_empty() {
        return Ok(Exit::Done);
    }
    let on_disk = failures.iter().find(|failure| failure.exit != Exit::Invalid);
    let exit = on_disk.map_or(Exit::Invalid, |failure| failure.exit);
    Err(Failure {
        exit,
        diagnostics: failures
            .into_iter()
            .flat_map(|failure| failure.diagnostics)
            .collect(),
    })
}

/// What is told of a file, and its first problem if it is refused; `None` for a file that is no plan.
fn line(file: &Named, blocked: bool) -> Option<(table::Line, Option<Failure>)> {
    Some(match file.read()? {
        Ok(Reading { source, plan }) => {
            let first = plan.verify(&source).into_iter().next();
            let line = table::Line::of(&plan, &source, first.as_ref(), blocked);
            (line, first.map(Failure::from))
        }
        Err(failure) => {
            let path = file.path.display().to_string();
            (
                table::Line::unread(path, failure.diagnostics.first()),
                Some(failure),
            )
        }
    })
}
