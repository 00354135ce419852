use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::arrived::{cost, lost, words};
use super::delete::{has_litter, hint, over_ones, sweep};
use super::deliver::deliver;
use super::fetched::Fetched;
use super::landed::note;
use super::replied;
use super::yard::{Clients, Tally, Yard, named, over, settle};
use crate::batch::{Arrival, Contents, Known, PartStage, Shelf, Submission, fetch, search};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::config::EndpointConfig;
use crate::llm::Price;
use crate::words::{Exit, Failure};

/// What `batch fetch --json` prints.
const SCHEMA: &str = "stepgate.batch-fetched/1";

/// Bring the results of batches home: each becomes the reply of its step, and the next `run` goes on with it
#[derive(Debug, Args)]
pub(super) struct FetchArgs {
    /// Only this batch, by its mark or the engine's id
    #[arg(value_name = "BATCH")]
    id: Option<String>,
    /// Have the engine delete what it keeps of a batch, when all of its results are home and on the disk
    #[arg(long, conflicts_with = "from")]
    delete: bool,
    /// Bring home what an engine of your own made of the export in this folder. What is named otherwise are the files of
    /// its results, or folders of them
    #[arg(long, value_name = "EXPORT", requires = "id")]
    from: Option<PathBuf>,
    /// More files of results
    #[arg(requires = "from")]
    results: Vec<PathBuf>,
    /// Print a JSON document that tells what came home
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    batches: Vec<Fetched>,
}

pub(super) fn run(args: &FetchArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let yard = Yard::open(global, world, None)?;
    let (batches, exit) = match &args.from {
        Some(export) => {
            let first = args.id.iter().map(PathBuf::from);
            let results: Vec<PathBuf> = first.chain(args.results.iter().cloned()).collect();
            let (delivery, exit) = deliver(&yard, export, &results, (global, world))?;
            (vec![delivery.into()], exit)
        }
        None => from_engines(args, &yard, world)?,
    };
    if args.json {
        let schema = SCHEMA;
        world.print_json(&Document { schema, batches })?;
    }
    Ok(exit)
}

/// Brings home what engines have of the batches that are meant.
fn from_engines(args: &FetchArgs, yard: &Yard, world: &World) -> Result<(Vec<Fetched>, Exit), Failure> {
    let _attending = yard.interrupt.attend();
    let shelf = Shelf::new(&yard.state);
    if let Some(id) = args.id.as_deref()
        && let Some(words) = over(&shelf, id)?
    {
        tell(&format!("{words}\n"));
        return match args.delete {
            true => delete_late(id, &shelf, yard, world),
            false => Ok((Vec::new(), Exit::Done)),
        };
    }
    let mut tally = Tally::default();
    let mut submissions = named(shelf.open()?, args.id.as_deref(), (&mut tally, world))?;
    let known = shelf.known()?;
    if submissions.is_empty() && tally.exit() == Exit::Done {
        tell("no batch is out\n");
    }
    let mut errand = Errand {
        yard,
        world,
        clients: yard.clients(world),
        known,
        tally,
    };
    let mut all = Vec::new();
    for submission in &mut submissions {
        all.extend(errand.run(submission, args.delete)?);
    }
    let replied: Vec<Contents> = all.iter().flat_map(|one: &Fetched| one.plans.clone()).collect();
    tell(&replied::words(&replied, world));
    tell(&hint(submissions.iter()));
    Ok((all, errand.tally.exit()))
}

/// Has deleted what the provider keeps of a batch that is over already.
fn delete_late(
    id: &str,
    shelf: &Shelf<'_>,
    yard: &Yard,
    world: &World,
) -> Result<(Vec<Fetched>, Exit), Failure> {
    let mut tally = Tally::default();
    let mut all = Vec::new();
    let mut clients = yard.clients(world);
    for submission in &mut over_ones(shelf, id, (&mut tally, world))? {
        let mut fetched = Fetched::nothing(submission.mark.clone());
        sweep(submission, &mut clients, (yard, world), &mut tally)?;
        fetched.deleted = !has_litter(submission);
        all.push(fetched);
    }
    Ok((all, tally.exit()))
}

/// The way to the engines and back.
struct Errand<'a> {
    yard: &'a Yard,
    world: &'a World,
    clients: Clients<'a>,
    known: Known,
    tally: Tally,
}

impl Errand<'_> {
    /// Brings home what there is of a submission. What fails is told, and holds up nothing else.
    fn run(&mut self, submission: &mut Submission, delete: bool) -> Result<Vec<Fetched>, Failure> {
        settle(submission, self.yard, &mut self.tally, self.world)?;
        let mut fetched = Vec::new();
        for index in 0..submission.parts.len() {
            let stage = &submission.parts[index].stage;
            if matches!(stage, PartStage::Asked { .. } | PartStage::Made(_)) {
                fetched.push((index, self.part(submission, index)?));
            }
        }
        if delete {
            let at = (self.yard, self.world);
            let swept = sweep(submission, &mut self.clients, at, &mut self.tally)?;
            for (index, fetched) in &mut fetched {
                fetched.deleted = swept.contains(index);
            }
        }
        Ok(fetched.into_iter().map(|(_, fetched)| fetched).collect())
    }

    /// Brings home one of its batches, which is looked for first where its making is not known of.
    fn part(&mut self, submission: &mut Submission, index: usize) -> Result<Fetched, Failure> {
        let endpoint = self.yard.config.endpoints.get(&submission.agreement.endpoint);
        let price = endpoint.and_then(EndpointConfig::batch_price);
        let mut fetched = Fetched::nothing(submission.mark.clone());
        let arrived = self.clients.of(submission).and_then(|client| {
            let searched = search(submission, index, client, &mut self.known)?;
            let arrived = fetch(submission, index, client, &self.yard.dock(), price.as_ref())?;
            Ok((searched, arrived))
        });
        match arrived {
            Err(failure) => self.tally.tell(&failure, self.world.stderr_colour)?,
            Ok((searched, None)) => {
                let text = lost(&submission.mark, &searched);
                tell(&format!("{text}\n"));
                fetched.notes.push(text);
                self.tally.note(Exit::NeedsHuman);
            }
            Ok((_, Some(arrival))) => self.take(&mut fetched, arrival, price.as_ref())?,
        }
        Ok(fetched)
    }

    /// Tells of what arrived, and keeps it for the document.
    fn take(&mut self, to: &mut Fetched, arrival: Arrival, price: Option<&Price>) -> Result<(), Failure> {
        for failure in arrival.invalid.iter().chain(&arrival.failures) {
            self.tally.tell(failure, self.world.stderr_colour)?;
        }
        tell(&words(&to.mark, &arrival, price));
        if arrival.waiting > 0 {
            self.tally.note(Exit::EndpointFailed);
        }
        if let Some(landed) = &arrival.landed {
            note(&mut self.tally, landed);
            to.cost = cost(landed, price);
        }
        to.waiting = arrival.waiting;
        to.id = Some(arrival.told.id);
        to.status = Some(arrival.told.status);
        to.landed = arrival.landed;
        to.notes = arrival.notes;
        to.plans = arrival.replied;
        Ok(())
    }
}
