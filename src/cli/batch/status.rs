use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::delete::hint;
use super::inside::{Inside, Opened};
use super::look::{Shown, State, look, over};
use super::watch::watch;
use super::yard::{Clients, Named, Tally, Yard, settle, was_it};
use crate::batch::{Known, Shelf, Shelved, Submission};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::words::{Exit, Failure};

/// Tell how batches fare that are not home
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// Only this batch, by its mark or the engine's id, with the plans and steps in it
    id: Option<String>,
    /// Look again and again until all have ended; `q` or Ctrl-C leaves, and harms nothing
    #[arg(long)]
    watch: bool,
    /// Also those that are over: home or given up, and whether the provider keeps anything of them
    #[arg(long)]
    all: bool,
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
    batches: Vec<Opened<'a>>,
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
    let mut round = Round {
        shelf: Shelf::new(&yard.state),
        id: args.id.as_deref(),
        clients: yard.clients(world),
        yard: &yard,
        world,
        known: Known::default(),
        before: Vec::new(),
    };
    let everything = round.shelf.look_at_all()?.into_iter();
    let everything = everything.filter_map(|one| match one {
        Shelved::Open(submission) | Shelved::Seen(submission) => Some(*submission),
        // It is told of where it is looked at.
        Shelved::Damaged(..) => None,
    });
    let named = |one: &Submission| args.id.as_deref().is_none_or(|id| was_it(one, id));
    let meant: Vec<Submission> = everything.filter(named).collect();
    // What is over is shown where it is asked for: all of it, or by its name.
    let wanted = |one: &&Submission| args.all || args.id.is_some() && one.is_over();
    let past: Vec<Shown> = meant.iter().filter(wanted).flat_map(over).collect();
    let is_past = args.id.is_some() && !meant.is_empty() && meant.iter().all(Submission::is_over);
    let hint = hint(meant.iter());
    let inside = Inside::of(meant.iter().filter(|_| args.id.is_some()));
    drop(meant);
    let mut shown = match is_past {
        true => Vec::new(),
        false => round.look(&mut tally, args.watch)?,
    };
    if args.watch {
        let every = Duration::from_secs_f64(args.every);
        let left = watch(&mut shown, &yard.interrupt, (world, every), &mut || {
            tally.again();
            round.look(&mut tally, true)
        })?;
        if left {
            tell("left; the batches go on, and `stepgate batch status` finds them again\n");
        }
    }
    shown.splice(0..0, past);
    if args.json {
        world.print_json(&Document {
            schema: "stepgate.batches/1",
            batches: inside.open(&shown),
        })?;
    } else if shown.is_empty() && tally.exit() == Exit::Done {
        tell("no batch is out\n");
    } else {
        let line = |shown: &Shown| shown.line() + &inside.lines(shown);
        let lines: String = shown.iter().map(line).collect();
        world.print(&lines)?;
    }
    tell(&hint);
    if shown.iter().any(|one| matches!(one.state, State::Missing)) {
        tally.note(Exit::NeedsHuman);
    }
    Ok(tally.exit())
}

/// What it takes to look at all batches. Between two looks nothing is held, and during one nothing but a submission that
/// something has to be put on record of: other commands go on.
struct Round<'a> {
    shelf: Shelf<'a>,
    id: Option<&'a str>,
    clients: Clients<'a>,
    yard: &'a Yard,
    world: &'a World,
    /// Batches that are on record, by whichever command.
    known: Known,
    /// What the last look came to.
    before: Vec<Shown>,
}

impl Round<'_> {
    /// Looks at all of them. What one engine fails with is told, and the others are looked at; one that cannot be reached
    /// for the moment is not worth a word where it is `patient`.
    fn look(&mut self, tally: &mut Tally, patient: bool) -> Result<Vec<Shown>, Failure> {
        let colour = self.world.stderr_colour;
        let seen = match Named::of(self.shelf.look()?, self.id, (&mut *tally, self.world)) {
            Ok(named) => named.seen,
            // Another command brought it home meanwhile.
            Err(failure) if failure.exit == Exit::Usage && !self.before.is_empty() => Vec::new(),
            Err(failure) => return Err(failure),
        };
        self.known.refresh(self.shelf.known()?);
        let mut all = Vec::new();
        for mut submission in seen {
            if !submission.is_settled()
                && let Some(mut ours) = self.shelf.take(&submission.mark)?
            {
                settle(&mut ours, self.yard, tally, self.world)?;
                submission = ours;
            }
            for (shown, failed) in look(&mut submission, &mut self.clients, &mut self.known) {
                all.push(shown.or_before(&self.before));
                match failed {
                    None => {}
                    Some(failure) if patient && failure.exit == Exit::EndpointFailed => {
                        tally.note(failure.exit);
                    }
                    Some(failure) => tally.tell(&failure, colour)?,
                }
            }
        }
        self.before.clone_from(&all);
        Ok(all)
    }
}
