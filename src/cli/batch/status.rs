use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::look::{Shown, State, look};
use super::watch::watch;
use super::yard::{Clients, Tally, Yard, named, settle};
use crate::batch::{Known, Shelf, Submission};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::words::{Exit, Failure};

/// Tell how batches fare that are not home
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// Only this batch, by its mark or the engine's id
    id: Option<String>,
    /// Look again and again until all have ended; `q` or Ctrl-C leaves, and harms nothing
    #[arg(long)]
    watch: bool,
    /// With --watch: seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, requires = "watch", value_parser = seconds)]
    every: f64,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    batches: &'a [Shown],
}

fn seconds(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .parse()
        .map_err(|_| "a number of seconds is meant".to_owned())?;
    match (0.01..=86_400.0).contains(&number) {
        true => Ok(number),
        false => Err("a number of seconds up to a day is meant".to_owned()),
    }
}

pub(super) fn run(args: &StatusArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let yard = Yard::open(global, world, None)?;
    let _attending = yard.interrupt.attend();
    let mut tally = Tally::default();
    let mut clients = yard.clients(world);
    let shelf = Shelf::new(&yard.state);
    let mut submissions = named(shelf.open()?, args.id.as_deref())?;
    let mut known = shelf.known()?;
    for submission in &mut submissions {
        settle(submission, &yard, &mut tally, world)?;
    }
    let mut look_at_all = |tally: &mut Tally| all(&mut submissions, (&mut clients, &mut known), tally, world);
    let mut shown = look_at_all(&mut tally)?;
    if args.watch {
        let every = Duration::from_secs_f64(args.every);
        let left = watch(&mut shown, &yard.interrupt, (world, every), &mut || {
            look_at_all(&mut tally)
        })?;
        if left {
            tell("left; the batches go on, and `stepgate batch status` finds them again\n");
        }
    }
    if args.json {
        world.print_json(&Document {
            schema: "stepgate.batches/1",
            batches: &shown,
        })?;
    } else if shown.is_empty() && tally.exit() == Exit::Done {
        tell("no batch is out\n");
    } else {
        let lines: String = shown.iter().map(Shown::line).collect();
        world.print(&lines)?;
    }
    if shown.iter().any(|one| matches!(one.state, State::Missing)) {
        tally.note(Exit::NeedsHuman);
    }
    Ok(tally.exit())
}

/// Looks at all of them. What one engine fails with is told, and the others are looked at.
fn all(
    submissions: &mut [Submission],
    (clients, known): (&mut Clients<'_>, &mut Known),
    tally: &mut Tally,
    world: &World,
) -> Result<Vec<Shown>, Failure> {
    let mut all = Vec::new();
    for submission in submissions {
        match look(submission, clients, known) {
            Ok(shown) => all.extend(shown),
            Err(failure) => tally.tell(&failure, world.stderr_colour)?,
        }
    }
    Ok(all)
}
