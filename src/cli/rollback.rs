use std::path::PathBuf;

use clap::Args;

use super::World;
use super::global::Global;
use super::run::finish;
use super::setup::{SessionChoice, Setup};
use crate::interrupt::Interrupt;
use crate::session::{Delivery, Gate, Listener, Session, Unattended, Wanted};
use crate::ui::{JsonLines, Narrator, TerminalGate};
use crate::words::{Exit, Failure, shell_word};

/// Put back what a step changed and untick its boxes; what others changed since stays
#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    /// The plan
    plan: PathBuf,
    /// The step, such as 1.2
    #[arg(required_unless_present = "last")]
    step: Option<String>,
    /// The last N steps that were worked on, the last one first
    #[arg(long, value_name = "N", conflicts_with = "step", value_parser = clap::value_parser!(u16).range(1..))]
    last: Option<u16>,
    /// Ask nobody: put back what is as the step left it, and nothing where somebody changed a file of it since
    #[arg(long)]
    unattended: bool,
    /// Print events on standard output, a JSON document a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &RollbackArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    if !world.interactive && !args.unattended {
        let text =
            "a rollback is done only after somebody has seen it, and there is no terminal to show it at";
        return Err(Failure::new(Exit::NeedsHuman, "no-terminal", text)
            .help("say so beforehand with `--unattended`: what somebody changed since ends it with exit 11")
            .help(format!(
                "`stepgate log {} STEP` tells what the step changed",
                shell_word(&args.plan)
            )));
    }
    let setup = Setup::open_past(world, global, &args.plan, None)?;
    setup.reading.check()?;
    let wanted = match &args.step {
        Some(id) => Wanted::Step(setup.step_on_record(&setup.entries()?, id)?),
        None => Wanted::Last(usize::from(args.last.unwrap_or(1))),
    };
    let interrupt = Interrupt::listen()?;
    let _lock = setup.lock()?;
    let who = setup.who.clone();
    let aside = setup.said_aside();
    let choice = SessionChoice::default();
    let desk = setup.desk(Delivery::Manual, &choice, interrupt.clone())?;
    let mut listener: Box<dyn Listener> = if args.json {
        Box::new(JsonLines::new(crate::outlet::stdout()))
    } else {
        Box::new(Narrator::new(crate::outlet::stderr(), world.stderr_colour))
    };
    if let Some(said) = aside {
        listener.note(&said);
    }
    let mut gate: Box<dyn Gate> = if args.unattended {
        Box::new(Unattended {
            attested: None,
            attempts: 1,
            stale: None,
        })
    } else {
        Box::new(TerminalGate::new(
            who.user.clone(),
            world.terminal_settings(false, 1),
            interrupt,
        ))
    };
    finish(Session::new(desk, &mut *gate, &mut *listener).roll_back(wanted, &who)?)
}
