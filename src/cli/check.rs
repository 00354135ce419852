use std::path::PathBuf;

use clap::Args;

use super::World;
use super::global::Global;
use super::recheck::{Tools, Wanted};
use super::setup::{SessionChoice, Setup};
use crate::interrupt::Interrupt;
use crate::plan::{Number, Step};
use crate::plan_file::Reading;
use crate::session::{self, Bench, CheckQuestion, CheckVerdict, Gate, Listener, Run, Stop, Subject};
use crate::ui::{JsonLines, Narrator, TerminalGate};
use crate::words::{Diagnostic, Digest, Exit, Failure, shell_word};

/// Run success checks alone; nothing is ticked
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The plan
    plan: PathBuf,
    /// The steps, such as 1.2
    #[arg(required_unless_present = "done")]
    steps: Vec<String>,
    /// Every step that is done: tell which checks no longer hold
    #[arg(long, conflicts_with = "steps")]
    done: bool,
    /// With --done: untick the steps that no longer hold, on record; at a terminal you are asked first
    #[arg(long, requires = "done")]
    untick: bool,
    /// With --done: show all that changed since, however long it is
    #[arg(long, requires = "done")]
    full: bool,
    /// Ask nobody before a check runs
    #[arg(long)]
    unattended: bool,
    /// Print events on standard output, a JSON document a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &CheckArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    if !world.interactive && !args.unattended {
        let text = "a check runs only after somebody has seen it, and there is no terminal to show it at";
        return Err(Failure::new(Exit::NeedsHuman, "no-terminal", text)
            .help("say so beforehand with `--unattended`")
            .help(format!(
                "`stepgate show {} STEP` shows the check",
                shell_word(&args.plan)
            )));
    }
    let setup = Setup::open(world, global, &args.plan, None)?;
    let reading = &setup.reading;
    reading.check()?;
    let interrupt = Interrupt::listen()?;
    let scratch = tempfile::tempdir()
        .map_err(|error| Failure::io("make a folder in", &std::env::temp_dir(), &error))?;
    interrupt.remove_when_leaving(scratch.path());
    let options = setup.options(&SessionChoice::default());
    let bench = Bench {
        folder: setup.root.path(),
        scratch: scratch.path(),
        without: &options.secret_variables,
        timeout: options.check_timeout,
        interrupt: &interrupt,
    };
    let mut listener: Box<dyn Listener> = if args.json {
        Box::new(JsonLines::new(crate::outlet::stdout()))
    } else {
        Box::new(Narrator::new(crate::outlet::stderr(), world.stderr_colour))
    };
    let mut gate = TerminalGate::new(
        setup.who.user.clone(),
        world.terminal_settings(false, 1),
        interrupt.clone(),
    );
    if args.done {
        let tools = Tools {
            bench,
            listener: &mut *listener,
            gate: &mut gate,
        };
        let wanted = Wanted {
            plan: &args.plan,
            untick: args.untick,
            full: args.full,
            unattended: args.unattended,
        };
        return super::recheck::run(&wanted, &setup, tools);
    }
    let steps = wanted(args, &setup, reading)?;
    let mut tally = Tally::default();
    for step in &steps {
        let ask = (!args.unattended).then_some(&mut gate as &mut dyn Gate);
        match one(step, reading, &bench, &mut *listener, ask) {
            Ok(Outcome::Passed) => {}
            Ok(Outcome::Failed) => tally.failed.push(step.id.to_string()),
            Ok(Outcome::InDoubt(why)) => tally.in_doubt.extend(why.diagnostics),
            Ok(Outcome::NotRunnable(diagnostic)) => {
                // Where there is one step, it is told once, at the end.
                if args.json || steps.len() > 1 {
                    listener.note(&diagnostic.message);
                }
                tally.not_run.push(diagnostic);
            }
            Err(Stop::Quit) => return Ok(Exit::NotPassed),
            Err(Stop::Interrupted(signal)) => return Ok(Exit::Signal(signal)),
            Err(Stop::Failure(failure)) => return Err(failure),
        }
    }
    tally.end(steps.len())
}

/// What came of the check of one step.
enum Outcome {
    Passed,
    Failed,
    InDoubt(Failure),
    NotRunnable(Diagnostic),
}

/// The steps whose checks did not pass.
#[derive(Default)]
struct Tally {
    failed: Vec<String>,
    in_doubt: Vec<Diagnostic>,
    not_run: Vec<Diagnostic>,
}

impl Tally {
    fn end(self, steps: usize) -> Result<Exit, Failure> {
        let Self {
            failed,
            in_doubt,
            not_run,
        } = self;
        let mut diagnostics = Vec::new();
        if !failed.is_empty() {
            let text = format!(
                "{} of {steps} checks did not pass: step {}",
                failed.len(),
                failed.join(", step ")
            );
            diagnostics.push(Diagnostic::error("check-failed", text));
        }
        diagnostics.extend(in_doubt);
        diagnostics.extend(not_run);
        if diagnostics.is_empty() {
            return Ok(Exit::Done);
        }
        let exit = if failed.is_empty() {
            Exit::NeedsHuman
        } else {
            Exit::NotPassed
        };
        Err(Failure { exit, diagnostics })
    }
}

fn wanted<'a>(args: &CheckArgs, setup: &Setup, reading: &'a Reading) -> Result<Vec<&'a Step>, Failure> {
    let ids: Vec<Number> = args
        .steps
        .iter()
        .map(|id| setup.step(reading, id))
        .collect::<Result<_, _>>()?;
    Ok(ids
        .into_iter()
        .filter_map(|id| reading.plan.step(id))
        .map(|(_, step)| step)
        .collect())
}

/// Checks one step. `gate` is asked first where there is one.
fn one(
    step: &Step,
    reading: &Reading,
    bench: &Bench<'_>,
    listener: &mut dyn Listener,
    gate: Option<&mut dyn Gate>,
) -> Result<Outcome, Stop> {
    let source = &reading.source;
    let id = step.id.to_string();
    let subject = Subject {
        step: id.clone(),
        title: source.slice(&step.title).to_owned(),
        attempt: 1,
    };
    let blocks = session::blocks(step, source)?;
    let folder = bench.folder.display().to_string();
    let question = CheckQuestion {
        subject: &subject,
        blocks: &blocks,
        folder: &folder,
        cut_off: false,
        // Nothing is recorded here, so there is nothing to say by hand.
        by_hand: false,
    };
    if let Some(why) = question.not_runnable() {
        let text = format!("step {id} cannot be checked: {why}");
        let diagnostic = Diagnostic::error("no-runnable-check", text).at(source.place(&step.heading));
        return Ok(Outcome::NotRunnable(diagnostic));
    }
    let verdict = match gate {
        Some(gate) => gate.check(&question)?,
        None => CheckVerdict::All,
    };
    let run = Run {
        step: &id,
        blocks: &blocks,
        chosen: verdict.chosen(),
        own: verdict == CheckVerdict::OwnTerminal,
    };
    let results = run.all(bench, listener)?;
    if let Some(signal) = results.interrupted {
        return Err(Stop::Interrupted(signal));
    }
    let script = Digest::of(session::whole(&blocks));
    let check = results.record(script, verdict.how(&blocks), None);
    listener.tell(&session::Event::Checked {
        step: &id,
        attempt: 1,
        check: &check,
    });
    Ok(if check.is_certain() {
        Outcome::Passed
    } else if check.passed {
        Outcome::InDoubt(session::in_doubt(&id, &check))
    } else {
        Outcome::Failed
    })
}
