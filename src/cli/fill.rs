use std::path::PathBuf;

use clap::Args;

use super::World;
use super::budget::BudgetArgs;
use super::global::Global;
use super::setup::{SessionChoice, Setup};
use super::tell::tell;
use crate::fill::{Choice, Ended, FillGate, FillUnattended, Filler, Page};
use crate::interrupt::Interrupt;
use crate::session::Delivery;
use crate::state::Mode;
use crate::ui::{FillTeller, FillTerminal};
use crate::words::{Exit, Failure, printable_line, shell_word};

/// Have a model write what a document's hints and placeholders ask for, a section at a time; each answer is shown first
#[derive(Debug, Args)]
pub(crate) struct FillArgs {
    /// The document: requirements, a design, or an implementation plan
    document: PathBuf,
    /// Only the section under this heading, and those below it
    #[arg(long, value_name = "HEADING", conflicts_with = "steps")]
    section: Option<String>,
    /// Have the phases and steps of a plan written whole; what lint finds goes back to the model, up to three times
    #[arg(long)]
    steps: bool,
    /// Where prompts go: a name from the configuration, or `manual`
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    #[command(flatten)]
    budget: BudgetArgs,
    /// Ask nobody: an answer is saved only if nothing is found in it
    #[arg(long)]
    unattended: bool,
    /// Put the journal aside and start a new one; the document stays
    #[arg(long)]
    forget_session: bool,
}

pub(super) fn run(args: &FillArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let setup = Setup::open(world, global, &args.document, args.endpoint.clone())?;
    let choice = Choice {
        section: args.section.clone(),
        steps: args.steps,
    };
    let parts = choice.parts(&Page::of(&setup.reading))?;
    if parts.is_empty() {
        let what = if args.steps {
            "the phases and steps of "
        } else {
            ""
        };
        let path = printable_line(setup.file.shown()).into_owned();
        tell(&format!(
            "nothing to fill in: {what}{path} has no hint and no placeholder below a heading\n"
        ));
        return Ok(Exit::Done);
    }
    if !world.interactive && !args.unattended {
        return Err(no_terminal(args));
    }
    let interrupt = Interrupt::listen()?;
    let goes_on = format!(
        "left; `stepgate fill {}` goes on here\n",
        shell_word(&args.document)
    );
    interrupt.last_words(&goes_on);
    let delivery = setup.delivery(world, &interrupt)?;
    let _lock = setup.lock()?;
    let who = setup.who.clone();
    let session = SessionChoice {
        forget: args.forget_session,
        terms: setup.terms()?,
        budget: args.budget.of(&setup)?,
        ..SessionChoice::default()
    };
    let desk = setup.desk(delivery, &session, interrupt)?;
    let mut listener = FillTeller::new(crate::outlet::stderr(), world.stderr_colour);
    let (mode, mut gate): (Mode, Box<dyn FillGate>) = if args.unattended {
        (Mode::Unattended, Box::new(FillUnattended))
    } else {
        let clipboard = world.has_clipboard() && matches!(desk.delivery, Delivery::Manual);
        let gate = FillTerminal::new(
            who.user.clone(),
            world.ask_settings(),
            clipboard,
            desk.interrupt.clone(),
        );
        (Mode::Guided, Box::new(gate))
    };
    let ended = Filler::new(desk, choice, &mut *gate, &mut listener).run(mode, &who)?;
    Ok(match ended {
        Ended::Done => Exit::Done,
        Ended::Left => {
            tell(&goes_on);
            Exit::NotPassed
        }
        Ended::Interrupted(signal) => {
            tell(&goes_on);
            Exit::Signal(signal)
        }
    })
}

fn no_terminal(args: &FillArgs) -> Failure {
    let document = shell_word(&args.document);
    let steps = if args.steps { " --steps" } else { "" };
    let text = "each answer is shown before it is saved, and there is no terminal to ask at";
    Failure::new(Exit::NeedsHuman, "no-terminal", text)
        .help(format!(
            "`stepgate fill {document}{steps} --unattended` asks nobody: an answer is saved only if nothing is found in it"
        ))
        .help("or write what the hints ask for by hand")
}
