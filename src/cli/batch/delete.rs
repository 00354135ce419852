use clap::Args;
use serde::Serialize;

use super::consent::agree;
use super::yard::{Clients, Tally, Yard, named, one_only, was_it};
use crate::batch::{Cleared, Part, Shelf, Shelved, Submission, delete};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::words::{Exit, Failure, counted, printable_line};

/// Have the engine delete what it keeps of batches that are home: uploaded requests and results
#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    /// Only this batch, by its mark or the engine's id
    id: Option<String>,
    /// Where the provider shows nothing of this batch, take it for deleted: you know that it is gone
    #[arg(long, requires = "id")]
    gone: bool,
    /// Do so without asking
    #[arg(long, alias = "unattended")]
    yes: bool,
    /// Print a JSON document that tells what was deleted
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    batches: Vec<Emptied>,
}

/// What became of what an engine keeps of a batch.
#[derive(Serialize)]
struct Emptied {
    mark: String,
    id: Option<String>,
    /// What was deleted now, by the engine's ids.
    deleted: Vec<String>,
    /// What was not there any more.
    gone: Vec<String>,
}

pub(super) fn run(args: &DeleteArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let yard = Yard::open(global, world, None)?;
    let mut tally = Tally::default();
    let shelf = Shelf::new(&yard.state);
    let mut submissions = match args.id.as_deref() {
        Some(id) => over_ones(&shelf, id, (&mut tally, world))?,
        None => named(shelf.all()?, None, (&mut tally, world))?,
    };
    if let (Some(_), [submission]) = (&args.id, submissions.as_slice())
        && !submission.is_over()
        && !has_litter(submission)
    {
        let text = format!("batch {} is not home", submission.mark);
        return Err(Failure::new(Exit::Usage, "batch-not-home", text)
            .help("bring its results home first: `stepgate batch fetch --delete`"));
    }
    submissions.retain(has_litter);
    let mut emptied = Vec::new();
    if submissions.is_empty() {
        tell("nothing to delete: of no batch that is home anything is known to be at the provider\n");
    } else {
        consent(args, &submissions, &yard, world)?;
        let _attending = yard.interrupt.attend();
        let mut clients = yard.clients(world);
        for submission in &mut submissions {
            let of_it = clear(submission, &mut clients, (&yard, world), &mut tally, args.gone)?;
            emptied.extend(of_it.into_iter().map(|(_, emptied)| emptied));
        }
    }
    if args.json {
        world.print_json(&Document {
            schema: "stepgate.batch-deleted/1",
            batches: emptied,
        })?;
    }
    Ok(tally.exit())
}

/// The submission that an id names, also by the id of a batch that is over.
///
/// Fails with exit 2 where there is none, or several servers have such a batch.
pub(super) fn over_ones(
    shelf: &Shelf<'_>,
    id: &str,
    with: (&mut Tally, &World),
) -> Result<Vec<Submission>, Failure> {
    let mut shelved = shelf.all()?;
    shelved.retain(|one| match one {
        Shelved::Open(submission) | Shelved::Seen(submission) => was_it(submission, id),
        Shelved::Damaged(mark, _) => mark == id,
    });
    if shelved.is_empty() {
        let text = format!("there is no batch `{}`", printable_line(id));
        return Err(Failure::new(Exit::Usage, "no-such-batch", text)
            .help("`stepgate batch status --all` lists those that there are"));
    }
    let those = shelved.iter().filter_map(|one| match one {
        Shelved::Open(submission) | Shelved::Seen(submission) => Some(submission.as_ref()),
        Shelved::Damaged(..) => None,
    });
    one_only(id, those)?;
    named(shelved, None, with)
}

/// Whether an engine may keep something of it that nobody needs.
pub(super) fn has_litter(submission: &Submission) -> bool {
    submission.parts.iter().any(Part::is_litter)
}

/// What is said of batches whose files stay where they are; nothing where there is none.
pub(super) fn hint<'a>(submissions: impl Iterator<Item = &'a Submission>) -> String {
    let count = submissions.filter(|one| has_litter(one)).count();
    match count {
        0 => String::new(),
        count => format!(
            "of {} the provider keeps the requests and results: `stepgate batch delete` deletes them there\n",
            counted(count, "batch that is over", "batches that are over")
        ),
    }
}

/// Deletes what an engine keeps of a submission, and tells of it: which parts are deleted.
fn clear(
    submission: &mut Submission,
    clients: &mut Clients<'_>,
    (yard, world): (&Yard, &World),
    tally: &mut Tally,
    gone: bool,
) -> Result<Vec<(usize, Emptied)>, Failure> {
    let mut all = Vec::new();
    for index in 0..submission.parts.len() {
        if !submission.parts[index].is_litter() {
            continue;
        }
        let cleared = clients
            .of(submission)
            .and_then(|client| delete(submission, index, client, (&yard.user, gone)));
        match cleared {
            Err(failure) => tally.tell(&failure, world.stderr_colour)?,
            Ok(None) => {}
            Ok(Some(Cleared::Runs(status))) => {
                tally.note(Exit::NeedsHuman);
                tell(&format!(
                    "batch {} is still at work at the provider ({}): delete it again when it has ended\n",
                    submission.mark,
                    printable_line(&status)
                ));
            }
            Ok(Some(Cleared::Hidden)) => tally.tell(&hidden(&submission.mark), world.stderr_colour)?,
            Ok(Some(Cleared::Deleted { deleted, gone })) => {
                tell(&words(&submission.mark, &deleted, &gone));
                let id = submission.parts[index].batch.clone();
                let mark = submission.mark.clone();
                all.push((
                    index,
                    Emptied {
                        mark,
                        id,
                        deleted,
                        gone,
                    },
                ));
            }
        }
    }
    Ok(all)
}

/// Deletes what an engine keeps of a submission; which parts it keeps nothing of any more.
pub(super) fn sweep(
    submission: &mut Submission,
    clients: &mut Clients<'_>,
    at: (&Yard, &World),
    tally: &mut Tally,
) -> Result<Vec<usize>, Failure> {
    let cleared = clear(submission, clients, at, tally, false)?;
    Ok(cleared.into_iter().map(|(index, _)| index).collect())
}

/// That a provider shows nothing of a batch, which says little: it answers the same to a key of somebody else.
fn hidden(mark: &str) -> Failure {
    let text =
        format!("the provider shows nothing of batch {mark} to this key: it is not known to be deleted");
    Failure::new(Exit::NeedsHuman, "not-shown", text)
        .help("use a key of the project or workspace that it was submitted with")
        .help(format!(
            "if you know that it is gone, `stepgate batch delete {mark} --gone` puts that on record"
        ))
}

fn words(mark: &str, deleted: &[String], gone: &[String]) -> String {
    let list = |ids: &[String]| printable_line(&ids.join(", ")).into_owned();
    let mut told = Vec::new();
    if !deleted.is_empty() {
        told.push(format!("deleted at the provider: {}", list(deleted)));
    }
    if !gone.is_empty() {
        told.push(format!("not there any more: {}", list(gone)));
    }
    format!("batch {mark}: {}\n", told.join("; "))
}

fn consent(args: &DeleteArgs, submissions: &[Submission], yard: &Yard, world: &World) -> Result<(), Failure> {
    if args.yes {
        return Ok(());
    }
    if !world.interactive {
        let text = "files are deleted at the provider only after somebody has agreed, and there is no terminal to ask at";
        return Err(Failure::new(Exit::NeedsHuman, "no-terminal", text).help("agree beforehand with `--yes`"));
    }
    for submission in submissions {
        let requests: usize = submission.parts.iter().map(|part| part.requests).sum();
        tell(&format!(
            "  {}  {}, {}  (since {})\n",
            submission.mark,
            submission.agreement.endpoint,
            counted(requests, "request", "requests"),
            submission.at
        ));
    }
    let question = format!(
        "delete what the provider keeps of {}?",
        counted(submissions.len(), "batch", "batches")
    );
    agree(yard, world, &question, ("delete it", "leave it"))
}
