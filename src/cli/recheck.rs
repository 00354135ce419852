//! `check --done`: the checks of every finished step, once more.

use std::io::Write as _;
use std::path::Path;

use super::setup::Setup;
use crate::plan_file::Reading;
use crate::session::{
    Bench, Broken, BrokenQuestion, BrokenVerdict, Finished, Gate as _, Ground, Listener, Recheck,
    RecheckQuestion, Rerun, Stop, untick,
};
use crate::state::{Blobs, By, Journal, Mode, Record};
use crate::tree::Survey;
use crate::ui::TerminalGate;
use crate::words::{Diagnostic, Exit, Failure, shell_word};

/// Lines of a file's difference that are shown without `--full`.
const LINES: usize = 40;

/// What checks run with, who is told and who is asked.
pub(super) struct Tools<'a> {
    pub(super) bench: Bench<'a>,
    pub(super) listener: &'a mut dyn Listener,
    pub(super) gate: &'a mut TerminalGate,
}

/// What the user asked for.
pub(super) struct Wanted<'a> {
    pub(super) plan: &'a Path,
    pub(super) untick: bool,
    pub(super) full: bool,
    pub(super) unattended: bool,
}

/// A check that ran.
struct Ran {
    step: String,
    text: String,
    came: Rerun,
}

/// Runs the checks of all finished steps, tells which no longer hold, and unticks those where that was asked for.
pub(super) fn run(args: &Wanted<'_>, setup: &Setup, mut tools: Tools<'_>) -> Result<Exit, Failure> {
    let (finished, not_run) = finished(&setup.reading)?;
    if finished.is_empty() && not_run.is_empty() {
        let line = format!(
            "no step of `{}` is done: there is nothing to check again\n",
            setup.file.shown()
        );
        // Beside the data, of which there is none.
        let _ = crate::outlet::stderr().write_all(line.as_bytes());
        return Ok(Exit::Done);
    }
    // Nobody else may tick meanwhile; who only looks needs no lock.
    let _lock = args.untick.then(|| setup.lock()).transpose()?;
    if args.untick {
        setup.file.check_writable()?;
    }
    for diagnostic in &not_run {
        tools.listener.note(&diagnostic.message);
    }
    let ran = all(args, setup, &mut tools, &finished).and_then(|ran| {
        on_record(args, setup, &mut tools, &ran)?;
        let unticked = args.untick && untick_broken(args, setup, &mut tools, &ran)?;
        Ok((ran, unticked))
    });
    match ran {
        Ok((ran, unticked)) => end(args, &ran, not_run, unticked),
        Err(Stop::Quit) => Ok(Exit::NotPassed),
        Err(Stop::Interrupted(signal)) => Ok(Exit::Signal(signal)),
        Err(Stop::Failure(failure)) => Err(failure),
    }
}

/// The steps that are done, and those of them whose checks cannot run.
fn finished(reading: &Reading) -> Result<(Vec<Finished>, Vec<Diagnostic>), Failure> {
    let source = &reading.source;
    let mut finished = Vec::new();
    let mut not_run = Vec::new();
    for (_, step) in reading.plan.steps().filter(|(_, step)| step.is_done()) {
        match Finished::of(step, source)? {
            Ok(one) => finished.push(one),
            Err(why) => {
                let text = format!("step {} cannot be checked: {why}", step.id);
                let place = source.place(&step.heading);
                not_run.push(Diagnostic::error("no-runnable-check", text).at(place));
            }
        }
    }
    Ok((finished, not_run))
}

fn all(
    args: &Wanted<'_>,
    setup: &Setup,
    tools: &mut Tools<'_>,
    finished: &[Finished],
) -> Result<Vec<Ran>, Stop> {
    if !args.unattended && !finished.is_empty() {
        let folder = setup.root.path().display().to_string();
        tools.gate.recheck(&RecheckQuestion {
            steps: finished,
            folder: &folder,
            before: None,
        })?;
    }
    let state = setup.state.existing(&setup.file);
    let entries = match &state {
        Some(folder) => Journal::read(folder)?,
        None => Vec::new(),
    };
    let blobs = state
        .as_ref()
        .map(|folder| Blobs::open(folder.join("blobs")))
        .transpose()?;
    let recheck = Recheck {
        bench: tools.bench,
        ground: Ground {
            survey: Survey {
                root: &setup.root,
                scratch: tools.bench.scratch,
                state: state.as_deref().and_then(Path::parent),
            },
            blobs: blobs.as_ref(),
            plan: setup.file.real(),
            lines: if args.full { usize::MAX } else { LINES },
        },
        entries: &entries,
    };
    let mut ran = Vec::new();
    for one in finished {
        ran.push(Ran {
            step: one.step.clone(),
            text: one.text(),
            came: recheck.one(one, &mut *tools.listener)?,
        });
    }
    Ok(ran)
}

/// Puts on record how it went. Who only looks is kept from it by nobody: then it is said that it is not on record.
fn on_record(args: &Wanted<'_>, setup: &Setup, tools: &mut Tools<'_>, ran: &[Ran]) -> Result<(), Failure> {
    if args.untick {
        return record(args, setup, ran);
    }
    // Of what was never worked on here there is no record to be added to.
    if setup.state.existing(&setup.file).is_none() {
        return Ok(());
    }
    if let Err(failure) = setup.lock().and_then(|_lock| record(args, setup, ran)) {
        let text = format!("how it went is not on record: {failure}");
        tools.listener.note(&text);
    }
    Ok(())
}

/// Adds to the record. The plan must be locked.
fn record(args: &Wanted<'_>, setup: &Setup, ran: &[Ran]) -> Result<(), Failure> {
    let mut journal = setup.journal(false)?;
    let blobs = setup.blobs()?;
    let mode = if args.unattended {
        Mode::Unattended
    } else {
        Mode::ByHand
    };
    journal.add(setup.who.begins(mode, &setup.root))?;
    for ran in ran {
        let mut check = ran.came.check.clone();
        check.script = Some(blobs.put_exact(ran.text.as_bytes())?);
        if !ran.came.output.is_empty() {
            check.output = Some(blobs.put(&ran.came.output)?);
        }
        journal.add(Record::Rechecked {
            step: ran.step.clone(),
            check,
            confirmed: ran.came.confirmed,
        })?;
    }
    Ok(())
}

/// Unticks the steps that no longer hold, on record, and none on a doubt alone. Says whether: a person is asked at a terminal.
fn untick_broken(args: &Wanted<'_>, setup: &Setup, tools: &mut Tools<'_>, ran: &[Ran]) -> Result<bool, Stop> {
    let broken: Vec<Broken> = broken(ran)
        .filter(|broken| !broken.is_in_doubt())
        .cloned()
        .collect();
    if broken.is_empty() {
        return Ok(false);
    }
    let question = BrokenQuestion {
        plan: setup.file.shown(),
        broken: &broken,
        before: None,
    };
    if !args.unattended && tools.gate.broken(&question)? == BrokenVerdict::Leave {
        return Ok(false);
    }
    let mut journal = setup.journal(false)?;
    let by = if args.unattended {
        By::Unattended
    } else {
        By::Person(setup.who.user.clone())
    };
    for broken in &broken {
        untick(
            &setup.file,
            &mut journal,
            &broken.step,
            by.clone(),
            &mut *tools.listener,
        )?;
    }
    Ok(true)
}

fn broken(ran: &[Ran]) -> impl Iterator<Item = &Broken> {
    ran.iter().filter_map(|ran| ran.came.broken.as_ref())
}

fn end(args: &Wanted<'_>, ran: &[Ran], not_run: Vec<Diagnostic>, unticked: bool) -> Result<Exit, Failure> {
    let (in_doubt, broken): (Vec<&Broken>, Vec<&Broken>) =
        broken(ran).partition(|broken| broken.is_in_doubt());
    let named = |these: &[&Broken]| {
        let steps: Vec<&str> = these.iter().map(|broken| broken.step.as_str()).collect();
        steps.join(", step ")
    };
    let all = ran.len() + not_run.len();
    let mut failure = Failure::silent(Exit::NeedsHuman);
    if !broken.is_empty() {
        let text = format!(
            "{} of {all} finished steps no longer hold: step {}",
            broken.len(),
            named(&broken)
        );
        failure = Failure::new(Exit::NotPassed, "no-longer-holds", text);
        let plan = shell_word(args.plan);
        failure = if unticked {
            failure.help(format!("they are unticked: `stepgate run {plan}` does them anew"))
        } else {
            failure.help(format!(
                "`stepgate check {plan} --done --untick` unticks them, on record"
            ))
        };
    }
    if !in_doubt.is_empty() {
        let text = format!(
            "whether a finished step still holds is in doubt, for {} of {all}: step {}",
            in_doubt.len(),
            named(&in_doubt)
        );
        let doubt = Failure::new(Exit::NeedsHuman, "check-in-doubt", text)
            .help("on a doubt alone nothing is unticked: mend the check, so that it fails where one of its commands does")
            .help(format!(
                "or `stepgate run {} --regress` at a terminal, to look at it and go on, on record",
                shell_word(args.plan)
            ));
        failure.diagnostics.extend(doubt.diagnostics);
    }
    failure.diagnostics.extend(not_run);
    if failure.diagnostics.is_empty() {
        return Ok(Exit::Done);
    }
    Err(failure)
}
