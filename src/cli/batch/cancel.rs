use clap::Args;

use super::yard::{Tally, Yard, known, named};
use crate::batch::{PartStage, Searched, Shelf, Submission, search};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::llm::client::BatchError;
use crate::session::Stop;
use crate::ui::Ask;
use crate::words::{Exit, Failure, printable_line};

/// Ask the engine to cancel a batch; what it has done already is fetched as always
#[derive(Debug, Args)]
pub(super) struct CancelArgs {
    /// The batch, by its mark or the engine's id; may be left out where only one is out
    id: Option<String>,
    /// Give up on it without asking the engine: its steps are free again, and what it comes to is not fetched
    #[arg(long)]
    forget: bool,
    /// Do so without asking
    #[arg(long, alias = "unattended")]
    yes: bool,
}

pub(super) fn run(args: &CancelArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let yard = Yard::open(global, world, None)?;
    let mut submissions = named(Shelf::new(&yard.state).open()?, args.id.as_deref())?;
    let known = known(&submissions);
    if submissions.len() > 1 {
        let marks: Vec<&str> = submissions.iter().map(|one| one.mark.as_str()).collect();
        let text = format!("several batches are out: {}", marks.join(", "));
        return Err(
            Failure::new(Exit::Usage, "which-batch", text).help("name one: `stepgate batch cancel MARK`")
        );
    }
    let Some(mut submission) = submissions.pop() else {
        tell("no batch is out\n");
        return Ok(Exit::Done);
    };
    submission.settle(&yard.dock())?;
    if submission.is_over() {
        tell(&format!(
            "batch {} was not made, and its steps are free\n",
            submission.mark
        ));
        return Ok(Exit::Done);
    }
    consent(args, &submission, &yard, world)?;
    let _attending = yard.interrupt.attend();
    if args.forget {
        for index in 0..submission.parts.len() {
            if matches!(
                submission.parts[index].stage,
                PartStage::Asked { .. } | PartStage::Made(_)
            ) {
                submission.let_go(index, &yard.user, &yard.dock())?;
            }
        }
        tell(&format!(
            "gave up on batch {}: its steps are free\n",
            submission.mark
        ));
        return Ok(Exit::Done);
    }
    let mut clients = yard.clients(world);
    let mut tally = Tally::default();
    for index in 0..submission.parts.len() {
        let cancelled = cancel(&mut submission, index, &known, &mut clients, &mut tally);
        if let Err(failure) = cancelled {
            tally.tell(&failure, world.stderr_colour)?;
        }
    }
    Ok(tally.exit())
}

fn cancel(
    submission: &mut Submission,
    index: usize,
    known: &[String],
    clients: &mut super::yard::Clients<'_>,
    tally: &mut Tally,
) -> Result<(), Failure> {
    if submission.parts[index].stage.is_over() {
        return Ok(());
    }
    let client = clients.of(&submission.agreement)?;
    let searched = search(submission, index, client, known)?;
    let mark = &submission.mark;
    let PartStage::Made(id) = &submission.parts[index].stage else {
        tally.note(Exit::NeedsHuman);
        tell(&match searched {
            Searched::Perhaps(ids) => format!(
                "batch {mark}: not known which it is, perhaps {}: it is known when that has ended\n",
                ids.join(" or ")
            ),
            _ => format!(
                "batch {mark}: the engine has no such batch; `stepgate batch cancel {mark} --forget` frees its steps\n"
            ),
        });
        return Ok(());
    };
    let silent = |signal| Failure {
        exit: Exit::Signal(signal),
        diagnostics: Vec::new(),
    };
    let plain = |error| match error {
        BatchError::Refused(failure) | BatchError::Unknown(failure) => failure,
        BatchError::Interrupted(signal) => silent(signal),
    };
    let told = client.look(id).map_err(plain)?;
    let told = match told.ended {
        true => told,
        false => client.cancel(id).map_err(plain)?,
    };
    let status = printable_line(&told.status).into_owned();
    tell(&format!(
        "batch {mark} ({id}) is {status}: `stepgate batch fetch` brings home what was done and frees the other steps\n"
    ));
    Ok(())
}

fn consent(args: &CancelArgs, submission: &Submission, yard: &Yard, world: &World) -> Result<(), Failure> {
    if args.yes {
        return Ok(());
    }
    if !world.interactive {
        let text = "a batch is cancelled only after somebody has agreed, and there is no terminal to ask at";
        return Err(Failure::new(Exit::NeedsHuman, "no-terminal", text).help("agree beforehand with `--yes`"));
    }
    let requests: usize = submission.parts.iter().map(|part| part.requests).sum();
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
    let ask = Ask::new(world.stderr_colour, yard.interrupt.clone(), world.editor());
    let silent = |exit| Failure {
        exit,
        diagnostics: Vec::new(),
    };
    match ask.choose(&question, &[verb, "leave it"]) {
        Ok(0) => Ok(()),
        Ok(_) | Err(Stop::Quit) => Err(silent(Exit::NotPassed)),
        Err(Stop::Interrupted(signal)) => Err(silent(Exit::Signal(signal))),
        Err(Stop::Failure(failure)) => Err(failure),
    }
}
