use std::path::PathBuf;

use clap::Args;

use super::agreed::agreed;
use super::forget::{Forgotten, forget as forget_lost};
use super::yard::{Clients, Tally, Yard, is_it, named, over};
use crate::batch::{PartStage, Searched, Shelf, Shelved, Submission, search};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::llm::client::{BatchClient, BatchError};
use crate::words::{Exit, Failure, printable_line};

/// What is said of a batch that was asked for just now.
const LATE: &str = "it was asked for less than 15 minutes ago, and the engine may still make it: it is billed then, and nobody fetches it\n";

/// Ask the engine to cancel a batch; what it has done already is fetched as always
#[derive(Debug, Args)]
pub(super) struct CancelArgs {
    /// The batch, by its mark or the engine's id; may be left out where only one is out
    id: Option<String>,
    /// With --forget: plans, or folders with plans, where the batch itself is no longer on record
    #[arg(value_name = "PATH", requires = "forget")]
    paths: Vec<PathBuf>,
    /// Give up on it without asking the engine: its steps are free again, and what it comes to is not fetched
    #[arg(long)]
    forget: bool,
    /// Do so without asking
    #[arg(long, alias = "unattended")]
    yes: bool,
}

pub(super) fn run(args: &CancelArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let yard = Yard::open(global, world, None)?;
    let shelf = Shelf::new(&yard.state);
    if let Some(id) = args.id.as_deref().filter(|_| args.paths.is_empty())
        && let Some(words) = over(&shelf, id)?
    {
        return Err(Failure::new(Exit::Usage, "batch-over", words).help("there is nothing to cancel"));
    }
    let open = shelf.open()?;
    if let Some(forgotten) = forgotten(args, &open)? {
        return forget_lost(&forgotten, &yard, world);
    }
    let mut tally = Tally::default();
    let mut submissions = named(open, args.id.as_deref(), (&mut tally, world))?;
    if submissions.len() > 1 {
        let marks: Vec<&str> = submissions.iter().map(|one| one.mark.as_str()).collect();
        let text = format!("several batches are out: {}", marks.join(", "));
        return Err(
            Failure::new(Exit::Usage, "which-batch", text).help("name one: `stepgate batch cancel MARK`")
        );
    }
    let Some(mut submission) = submissions.pop() else {
        if tally.exit() == Exit::Done {
            tell("no batch is out\n");
        }
        return Ok(tally.exit());
    };
    for note in submission.settle(&yard.dock())? {
        tell(&format!("{note}\n"));
    }
    if submission.is_over() {
        tell(&format!(
            "batch {} was not made, and its steps are free\n",
            submission.mark
        ));
        return Ok(Exit::Done);
    }
    let parts = meant(args, &submission);
    consent(args, (&submission, &parts), &yard, world)?;
    let _attending = yard.interrupt.attend();
    if args.forget {
        return forget(&mut submission, &parts, &yard);
    }
    let mut known = shelf.known()?;
    let mut clients = yard.clients(world);
    for index in parts {
        let mut searched = |submission: &mut Submission, client: &mut BatchClient| {
            search(submission, index, client, &mut known)
        };
        let cancelled = cancel(&mut submission, index, &mut searched, &mut clients, &mut tally);
        if let Err(failure) = cancelled {
            tally.tell(&failure, world.stderr_colour)?;
        }
    }
    Ok(tally.exit())
}

/// The batches of a submission that are meant: the one whose id was named, or all. With `--forget` the lost ones come
/// first: to give up on these is what is advised, and the others have replies to come.
fn meant(args: &CancelArgs, submission: &Submission) -> Vec<usize> {
    let parts = submission.parts.iter().enumerate();
    let those = |fits: &dyn Fn(&PartStage) -> bool| -> Vec<usize> {
        let parts = parts.clone().filter(|(_, part)| fits(&part.stage));
        parts.map(|(index, _)| index).collect()
    };
    let named = those(&|stage| matches!(stage, PartStage::Made(id) if args.id.as_ref() == Some(id)));
    let lost = those(&|stage| matches!(stage, PartStage::Asked { .. }));
    match (named.is_empty(), args.forget && !lost.is_empty()) {
        (false, _) => named,
        (true, true) => lost,
        (true, false) => those(&|stage| matches!(stage, PartStage::Asked { .. } | PartStage::Made(_))),
    }
}

/// Gives up on batches, and says what of the submission goes on.
fn forget(submission: &mut Submission, parts: &[usize], yard: &Yard) -> Result<Exit, Failure> {
    let fresh = parts
        .iter()
        .any(|&index| submission.parts[index].stage.is_fresh());
    for &index in parts {
        submission.let_go(index, &yard.user, &yard.dock())?;
    }
    let mark = &submission.mark;
    let mut text = format!("gave up on batch {mark}: its steps are free\n");
    if fresh {
        text += LATE;
    }
    for part in &submission.parts {
        if let PartStage::Made(id) = &part.stage {
            text += &format!(
                "of the same submission, batch {id} goes on: `stepgate batch fetch` brings it home\n"
            );
        }
    }
    tell(&text);
    Ok(Exit::Done)
}

/// A batch that is to be given up on, where its record does not tell its steps.
///
/// Fails with exit 2 where plans are named and the record tells them.
fn forgotten<'a>(args: &'a CancelArgs, open: &[Shelved]) -> Result<Option<Forgotten<'a>>, Failure> {
    let Some(mark) = args.id.as_deref().filter(|_| args.forget) else {
        return Ok(None);
    };
    let damaged = open
        .iter()
        .any(|one| matches!(one, Shelved::Damaged(other, _) if other == mark));
    if !damaged && args.paths.is_empty() {
        return Ok(None);
    }
    let on_record = |one: &Shelved| match one {
        Shelved::Open(submission) | Shelved::Seen(submission) => is_it(submission, mark),
        Shelved::Damaged(..) => false,
    };
    if open.iter().any(on_record) {
        let text = format!(
            "batch {} is on record, and its plans with it",
            printable_line(mark)
        );
        return Err(Failure::new(Exit::Usage, "on-record", text).help("leave the paths out"));
    }
    Ok(Some(Forgotten {
        mark,
        damaged,
        paths: &args.paths,
        yes: args.yes,
    }))
}

fn cancel(
    submission: &mut Submission,
    index: usize,
    searched: &mut dyn FnMut(&mut Submission, &mut BatchClient) -> Result<Searched, Failure>,
    clients: &mut Clients<'_>,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let client = clients.of(submission)?;
    let searched = searched(submission, client)?;
    let mark = &submission.mark;
    let PartStage::Made(id) = &submission.parts[index].stage else {
        tally.note(Exit::NeedsHuman);
        tell(&match searched {
            Searched::Perhaps(ids) => format!(
                "batch {mark}: not known which it is, perhaps {}: it is known when that has ended\n",
                ids.join(" or ")
            ),
            Searched::Unseen => format!(
                "batch {mark}: the engine does not show it yet: look again in some minutes, or give up on it with `--forget`\n"
            ),
            _ => format!(
                "batch {mark}: the engine has no such batch; `stepgate batch cancel {mark} --forget` frees its steps\n"
            ),
        });
        return Ok(());
    };
    let told = client.look(id).map_err(BatchError::plain)?;
    let told = match told.ended {
        true => told,
        false => client.cancel(id).map_err(BatchError::plain)?,
    };
    let status = printable_line(&told.status).into_owned();
    tell(&format!(
        "batch {mark} ({id}) is {status}: `stepgate batch fetch` brings home what was done and frees the other steps\n"
    ));
    Ok(())
}

fn consent(
    args: &CancelArgs,
    (submission, parts): (&Submission, &[usize]),
    yard: &Yard,
    world: &World,
) -> Result<(), Failure> {
    let parts = parts.iter().map(|&index| &submission.parts[index]);
    let requests: usize = parts.clone().map(|part| part.requests).sum();
    let asked = world.interactive && !args.yes;
    if asked && args.forget && parts.clone().any(|part| part.stage.is_fresh()) {
        tell(LATE);
    }
    let (verb, question) = match args.forget {
        true => (
            "give up on it",
            format!(
                "give up on batch {}, whose {requests} requests may be billed?",
                submission.mark
            ),
        ),
        false => (
            "cancel it",
            format!("cancel batch {} of {requests} requests?", submission.mark),
        ),
    };
    agreed(args.yes, (&question, verb), yard, world)
}
