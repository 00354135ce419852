use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::World;
use super::global::Global;
use super::plans::{self, Named};
use super::standing::{Records, Standing, records};
use super::tell::tell;
use crate::plan_file::{PlanFile, Reading};
use crate::ui::{Paint, screen, table, tree};
use crate::words::{Exit, Failure};

/// Show how far plans are: a folder as one line a plan, one plan as a tree
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
    /// Files of folders that were passed over.
    templates: Vec<String>,
}

/// Shows how far the plans are. A plan that is refused is told as that, the others all the same; exit 3 at the end.
pub(super) fn run(args: &StatusArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let records = records(global, world);
    match args.paths.as_slice() {
        [path] if !args.json && !path.is_dir() => one(path, records.as_ref(), world),
        paths => many(paths, args.json, records.as_ref(), world),
    }
}

fn one(path: &std::path::Path, records: Option<&Records>, world: &World) -> Result<Exit, Failure> {
    let file = PlanFile::find(path)?;
    let reading = file.read_valid()?;
    let standing = Standing::of(&file, &reading, records);
    let told = tree::Told {
        plan: &reading.plan,
        source: &reading.source,
        escalated: &standing.escalated,
        waiting: &standing.waiting,
    };
    let paint = Paint::new(world.stdout_colour);
    tree::render(&told, paint, screen(), |text| world.print(text))?;
    // The process ends here: taking a large plan apart first would take as long as showing it.
    std::mem::forget(reading);
    Ok(Exit::Done)
}

fn many(paths: &[PathBuf], json: bool, records: Option<&Records>, world: &World) -> Result<Exit, Failure> {
    let (files, mut failures) = plans::find(paths);
    let read = plans::in_parallel(&files, |file| line(file, json, records));
    let (mut lines, mut templates) = (Vec::new(), Vec::new());
    for seen in read.into_iter().flatten() {
        match seen {
            Seen::Plan(line, refused) => {
                lines.push(*line);
                failures.extend(refused);
            }
            Seen::Template(path) => templates.push(path),
        }
    }
    if let Some(line) = plans::left_out(&templates) {
        tell(&line);
    }
    if json {
        world.print_json(&Document {
            schema: "stepgate.status/1",
            plans: lines,
            templates,
        })?;
    } else if lines.is_empty() && failures.is_empty() {
        tell(&plans::none_in(paths));
    } else {
        world.print(&table::render(&lines, Paint::new(world.stdout_colour), screen()))?;
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

/// A file of those that were named.
enum Seen {
    /// What is told of it, and its first problem if it is refused.
    Plan(Box<table::Line>, Option<Failure>),
    /// It is passed over.
    Template(String),
}

/// What there is to tell of a file; `None` for a file that is no plan.
fn line(file: &Named, blocked: bool, records: Option<&Records>) -> Option<Seen> {
    let (line, refused) = match file.read()? {
        Ok(reading) if file.is_template(&reading) => {
            return Some(Seen::Template(file.path.display().to_string()));
        }
        Ok(reading) => {
            let Reading { source, plan } = &reading;
            let first = plan.verify(source).into_iter().next();
            let mut line = table::Line::of(plan, source, first.as_ref(), blocked);
            if let Ok(file) = PlanFile::find(&file.path) {
                let standing = Standing::of(&file, &reading, records);
                (line.escalated, line.waiting) = (standing.escalated, standing.waiting);
            }
            (line, first.map(Failure::from))
        }
        Err(failure) => {
            let path = file.path.display().to_string();
            (
                table::Line::unread(path, failure.diagnostics.first()),
                Some(failure),
            )
        }
    };
    Some(Seen::Plan(Box::new(line), refused))
}
