use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::delete::{hint, sweep};
use super::deliver::deliver;
use super::landed::{note, rest};
use super::yard::{Tally, Yard, named, settle};
use crate::batch::{Arrival, PartStage, Searched, Shelf, fetch, search};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::config::EndpointConfig;
use crate::llm::{Amount, Price, Usage};
use crate::state::Landed;
use crate::words::{Exit, Failure, counted, printable_line};

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

#[derive(Serialize)]
struct Fetched {
    mark: String,
    id: Option<String>,
    status: Option<String>,
    /// What came home; none while it runs, or is not known.
    landed: Option<Landed>,
    /// What its replies cost at batch price, where there is one.
    cost: Option<Amount>,
    /// Steps that still wait, though it has ended.
    waiting: usize,
    notes: Vec<String>,
    /// Whether the engine keeps nothing of it any more.
    deleted: bool,
}

pub(super) fn run(args: &FetchArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let yard = Yard::open(global, world, None)?;
    if let Some(export) = &args.from {
        let first = args.id.iter().map(PathBuf::from);
        let results: Vec<PathBuf> = first.chain(args.results.iter().cloned()).collect();
        let beside = global.root.clone().or_else(|| world.current.clone());
        let (delivery, exit) = deliver(&yard, export, &results, (beside.as_deref(), world))?;
        if args.json {
            world.print_json(&Document {
                schema: SCHEMA,
                batches: vec![Fetched {
                    mark: delivery.mark,
                    id: None,
                    status: None,
                    landed: Some(delivery.landed),
                    cost: None,
                    waiting: 0,
                    notes: delivery.notes,
                    deleted: false,
                }],
            })?;
        }
        return Ok(exit);
    }
    let _attending = yard.interrupt.attend();
    let mut tally = Tally::default();
    let mut clients = yard.clients(world);
    let shelf = Shelf::new(&yard.state);
    let mut submissions = named(shelf.open()?, args.id.as_deref(), (&mut tally, world))?;
    let mut known = shelf.known()?;
    let mut all = Vec::new();
    if submissions.is_empty() && tally.exit() == Exit::Done {
        tell("no batch is out\n");
    }
    for submission in &mut submissions {
        settle(submission, &yard, &mut tally, world)?;
        let endpoint = yard.config.endpoints.get(&submission.agreement.endpoint);
        let price = endpoint.and_then(EndpointConfig::batch_price);
        let mut of_it = Vec::new();
        for index in 0..submission.parts.len() {
            let stage = &submission.parts[index].stage;
            if !matches!(stage, PartStage::Asked { .. } | PartStage::Made(_)) {
                continue;
            }
            let mut fetched = Fetched {
                mark: submission.mark.clone(),
                id: None,
                status: None,
                landed: None,
                cost: None,
                waiting: 0,
                notes: Vec::new(),
                deleted: false,
            };
            let arrived = clients.of(&submission.agreement).and_then(|client| {
                let searched = search(submission, index, client, &mut known)?;
                let arrived = fetch(submission, index, client, &yard.dock(), price.as_ref())?;
                Ok((searched, arrived))
            });
            match arrived {
                Err(failure) => tally.tell(&failure, world.stderr_colour)?,
                Ok((searched, None)) => {
                    let text = lost(&submission.mark, &searched);
                    tell(&format!("{text}\n"));
                    fetched.notes.push(text);
                    tally.note(Exit::NeedsHuman);
                }
                Ok((_, Some(arrival))) => {
                    for failure in arrival.invalid.iter().chain(&arrival.failures) {
                        tally.tell(failure, world.stderr_colour)?;
                    }
                    tell(&words(&submission.mark, &arrival, price.as_ref()));
                    fetched.cost = arrival
                        .landed
                        .as_ref()
                        .and_then(|landed| cost(landed, price.as_ref()));
                    if arrival.waiting > 0 {
                        tally.note(Exit::EndpointFailed);
                    }
                    if let Some(landed) = &arrival.landed {
                        note(&mut tally, landed);
                    }
                    fetched.waiting = arrival.waiting;
                    fetched.id = Some(arrival.told.id);
                    fetched.status = Some(arrival.told.status);
                    fetched.landed = arrival.landed;
                    fetched.notes = arrival.notes;
                }
            }
            of_it.push((index, fetched));
        }
        if args.delete {
            let swept = sweep(submission, &mut clients, (&yard, world), &mut tally)?;
            for (index, fetched) in &mut of_it {
                fetched.deleted = swept.contains(index);
            }
        }
        all.extend(of_it.into_iter().map(|(_, fetched)| fetched));
    }
    tell(&hint(submissions.iter()));
    if args.json {
        world.print_json(&Document {
            schema: SCHEMA,
            batches: all,
        })?;
    }
    Ok(tally.exit())
}

fn lost(mark: &str, searched: &Searched) -> String {
    match searched {
        Searched::Perhaps(ids) => format!(
            "batch {mark}: not known whether it was made; it may be {}, which is known when that has ended",
            ids.join(" or ")
        ),
        Searched::Unseen => format!(
            "batch {mark}: the answer to its making was lost, and the engine does not show it yet: fetch again in some minutes"
        ),
        Searched::Nothing | Searched::Found(_) => format!(
            "batch {mark}: the answer to its making was lost, and the engine has no such batch; `stepgate batch cancel {mark} --forget` frees its steps"
        ),
    }
}

/// What all replies cost that are home; `None` where there is no price, or none came.
fn cost(landed: &Landed, price: Option<&Price>) -> Option<Amount> {
    let price = price.filter(|_| landed.usage != Usage::default())?;
    Some(price.amount(price.cost(&landed.usage)))
}

fn words(mark: &str, arrival: &Arrival, price: Option<&Price>) -> String {
    let mut text: String = arrival.notes.iter().map(|note| format!("{note}\n")).collect();
    let (id, status) = (&arrival.told.id, printable_line(&arrival.told.status));
    let Some(landed) = &arrival.landed else {
        let counts = arrival.told.counts;
        let done = counts.succeeded + counts.failed;
        text += &format!("batch {mark} ({id}) is not home yet: {status}, {done} done\n");
        return text;
    };
    let rest = rest(landed, "that no step waits for");
    let replies = counted(landed.replies, "reply", "replies");
    let home = match arrival.failures.is_empty() && arrival.waiting == 0 {
        true => "is home",
        false => "is home in part: fetch again",
    };
    let usage = landed.usage;
    let cost =
        cost(landed, price).map(|cost| format!(", {} at batch price", printable_line(&cost.to_string())));
    let spent = match usage == Usage::default() {
        true => String::new(),
        false => format!(
            "; {} tokens in ({} read from a cache), {} out{}",
            usage.input,
            usage.cached,
            usage.output,
            cost.unwrap_or_default()
        ),
    };
    text += &format!("batch {mark} ({id}) {home}: {replies}{rest}{spent}\n");
    if arrival.waiting > 0 {
        text += &format!(
            "if they never come, `stepgate batch cancel {id} --forget` gives up on them; what is home stays\n"
        );
    }
    if landed.failed + landed.expired + landed.cancelled + landed.unusable > 0 {
        text += "`stepgate batch submit` takes the steps without a reply again, and only them\n";
    }
    text
}
