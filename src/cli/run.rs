use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::World;
use super::budget::BudgetArgs;
use super::documents::resume;
use super::global::Global;
use super::setup::{SessionChoice, Setup};
use super::tell::tell;
use crate::config::Config;
use crate::interrupt::Interrupt;
use crate::session::{Delivery, Desk, Ending, Gate, Listener, Session, StaleVerdict, Unattended, Who};
use crate::state::Mode;
use crate::ui::{Both, JsonLines, Narrator, TerminalGate};
use crate::words::{Exit, Failure, shell_word};

/// Run a plan: a guided session, step by step; goes on where it stopped
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The plan
    plan: PathBuf,
    /// Run only this step
    #[arg(long, value_name = "ID", conflicts_with = "until")]
    step: Option<String>,
    /// Stop when this step is done
    #[arg(long, value_name = "ID")]
    until: Option<String>,
    /// Where prompts go: a name from the configuration, or `manual`
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    #[command(flatten)]
    budget: BudgetArgs,
    #[command(flatten)]
    unattended: UnattendedArgs,
    /// With --unattended: what becomes of a stored reply where what its prompt showed (files, documents, the plan) is no
    /// longer so. Without it, the session ends there (exit 11)
    #[arg(long, value_name = "WHAT", requires = "unattended")]
    stale_reply: Option<StaleReply>,
    /// Send nothing: go on as long as replies are stored, and end with 0 before a prompt would be sent. Unattended, a check
    /// that does not pass ends it
    #[arg(long)]
    stored: bool,
    /// Before each new step, run the checks again of the steps that it depends on
    #[arg(long)]
    regress: bool,
    /// Make a git commit of each finished step: its files and the plan's ticks, nothing else that is changed or staged
    #[arg(long)]
    commit: bool,
    /// Print events on standard output, a JSON document a line
    #[arg(long)]
    json: bool,
    /// Put the journal aside and start a new one: what was sent, run and confirmed is no longer known, and no step can be
    /// rolled back; the plan's ticks stay
    #[arg(long)]
    forget_session: bool,
}

/// What is decided beforehand where nobody is asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct UnattendedArgs {
    /// Ask nobody: send, apply ordinary files, run checks; a step passes only if its check passes
    #[arg(long)]
    pub(crate) unattended: bool,
    /// With --unattended: vouch, on record, for boxes that no check stands behind and for external dependencies
    #[arg(long, requires = "unattended")]
    pub(crate) attest: bool,
    /// Attempts at a step after which a failed check ends an unattended session; at a terminal, after which it is advised
    /// to leave the step
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) attempts: u32,
    /// What becomes of stored replies whose prompts would be others now, where a command knows such.
    #[arg(skip)]
    pub(crate) stale: Option<StaleVerdict>,
}

/// What becomes of such a reply.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum StaleReply {
    /// It is used, on record
    Use,
    /// The model is asked again, which is billed again
    Again,
}

impl From<StaleReply> for StaleVerdict {
    fn from(stale: StaleReply) -> Self {
        match stale {
            StaleReply::Use => Self::Use,
            StaleReply::Again => Self::AskAgain,
        }
    }
}

pub(crate) fn run(args: &RunArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    if args.stored && matches!(args.stale_reply, Some(StaleReply::Again)) {
        let text = "`--stale-reply again` would have the model asked again, and `--stored` sends nothing";
        return Err(Failure::new(Exit::Usage, "stored-again", text)
            .help("without `--stored`, such a prompt is sent at once")
            .help("to leave it to the next batch, say so at a terminal: `stepgate run PLAN --stored`"));
    }
    let config = Config::load(&world.environment, &global.flags(args.endpoint.clone()))?;
    let plan = resume(&config, &args.plan, false, world)?.plan;
    let setup = Setup::open(world, global, &plan, args.endpoint.clone())?;
    let reading = &setup.reading;
    reading.check()?;
    // What is no plan is told first: no terminal would help it.
    if !world.interactive && !args.unattended.unattended {
        return Err(no_terminal(&args.plan));
    }
    let choice = SessionChoice {
        step: args
            .step
            .as_deref()
            .map(|id| setup.step(reading, id))
            .transpose()?,
        until: args
            .until
            .as_deref()
            .map(|id| setup.step(reading, id))
            .transpose()?,
        forget: args.forget_session,
        terms: setup.terms()?,
        budget: args.budget.of(&setup)?,
        regress: args.regress,
        commit: args.commit,
        stored: args.stored,
    };
    let interrupt = Interrupt::listen()?;
    let goes_on = format!("left; `stepgate run {}` goes on here\n", shell_word(&args.plan));
    interrupt.last_words(&goes_on);
    let delivery = setup.delivery(world, &interrupt)?;
    if !args.forget_session {
        setup.take_along(&interrupt)?;
    }
    let _lock = setup.lock()?;
    let who = setup.who.clone();
    let desk = setup.desk(delivery, &choice, interrupt)?;
    let ending = hold(
        Hold {
            desk,
            who,
            unattended: UnattendedArgs {
                stale: args.stale_reply.map(StaleVerdict::from),
                // A further attempt would have to be sent.
                attempts: if args.stored { 1 } else { args.unattended.attempts },
                ..args.unattended.clone()
            },
            json: args.json,
        },
        world,
    )?;
    if matches!(ending, Ending::Left | Ending::Interrupted(_)) {
        tell(&goes_on);
    }
    finish(ending)
}

/// A session about to be held.
pub(crate) struct Hold {
    pub(crate) desk: Desk,
    pub(crate) who: Who,
    pub(crate) unattended: UnattendedArgs,
    pub(crate) json: bool,
}

/// Holds a session: a person at the terminal decides, or nobody is asked.
pub(crate) fn hold(hold: Hold, world: &World) -> Result<Ending, Failure> {
    let Hold {
        desk,
        who,
        unattended,
        json,
    } = hold;
    let mut narrator = Narrator::new(crate::outlet::stderr(), world.stderr_colour);
    let mut events = JsonLines::new(crate::outlet::stdout());
    let mut both;
    let listener: &mut dyn Listener = if json {
        both = Both(&mut narrator, &mut events);
        &mut both
    } else {
        &mut narrator
    };
    let (mode, mut gate) = gate(&desk, &who, &unattended, world);
    Session::new(desk, &mut *gate, listener).run(mode, &who)
}

/// Who decides: a person at the terminal, or nobody.
pub(crate) fn gate(
    desk: &Desk,
    who: &Who,
    unattended: &UnattendedArgs,
    world: &World,
) -> (Mode, Box<dyn Gate>) {
    if unattended.unattended {
        let attested = unattended.attest.then(|| who.user.clone());
        let gate = Unattended {
            attested,
            attempts: unattended.attempts,
            stale: unattended.stale,
        };
        return (Mode::Unattended, Box::new(gate));
    }
    let own_tool = matches!(desk.delivery, Delivery::Manual);
    let settings = world.terminal_settings(own_tool, unattended.attempts);
    let gate = TerminalGate::new(who.user.clone(), settings, desk.interrupt.clone());
    (Mode::Guided, Box::new(gate))
}

/// Turns the end of a session into what the process returns.
pub(crate) fn finish(ending: Ending) -> Result<Exit, Failure> {
    match ending {
        Ending::NeedsHuman(failure) => Err(failure),
        ending => Ok(ending.exit()),
    }
}

fn no_terminal(plan: &std::path::Path) -> Failure {
    let plan = shell_word(plan);
    let text = "a guided session asks questions, and there is no terminal to ask them at";
    Failure::new(Exit::NeedsHuman, "no-terminal", text)
        .help(format!(
            "`stepgate run {plan} --unattended` asks nobody: a step passes only if its check passes"
        ))
        .help(format!("`stepgate prompt {plan} STEP` prints what would be sent"))
        .help(format!(
            "`stepgate check {plan} STEP --unattended` runs a step's success check"
        ))
        .help(format!(
            "`stepgate tick {plan} STEP` ticks a step's boxes by hand, on record"
        ))
        .help(format!("`stepgate status {plan}` tells how far it is"))
}
