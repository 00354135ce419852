//! Before a new step: do the steps that it depends on still hold?

use std::collections::BTreeSet;
use std::path::Path;

use super::drift::Ground;
use super::gate::Answer;
use super::recheck::{Recheck, untick};
use super::recheck_question::{Broken, BrokenQuestion, BrokenVerdict, Finished, RecheckQuestion};
use super::session::Session;
use super::stage::Stage;
use crate::plan::{Number, Phase, Plan};
use crate::plan_file::Reading;
use crate::state::Record;
use crate::tree::Surveyed;
use crate::words::{Exit, Failure, shell_word};

/// Lines of a file's difference that are shown before a question.
const LINES: usize = 40;

/// Runs the checks that a new step stands on, on consent. Says whether steps were unticked: they come next then.
pub(crate) fn before(session: &mut Session<'_>, reading: &Reading, next: Number) -> Answer<bool> {
    let step = next.to_string();
    if !session.desk.options.regress || session.desk.memory(&step).stage != Stage::Fresh {
        return Ok(false);
    }
    let tree = tree_of(session);
    let mut finished = Vec::new();
    for id in stands_on(&reading.plan, next) {
        let Some((_, on)) = reading.plan.step(id).filter(|(_, on)| on.is_done()) else {
            continue;
        };
        let name = id.to_string();
        let unchanged = tree.is_some() && session.standing.held.get(&name) == tree.as_ref();
        if unchanged || session.standing.waived.contains(&name) {
            continue;
        }
        match Finished::of(on, &reading.source)? {
            Ok(one) => finished.push(one),
            Err(why) => {
                let text = format!("step {id} cannot be checked again: {why}");
                session.listener.note(&text);
            }
        }
    }
    if finished.is_empty() {
        return Ok(false);
    }
    consent(session, &finished, &step)?;
    let broken = run(session, &finished)?;
    let tree = tree_of(session);
    for one in finished
        .iter()
        .filter(|one| broken.iter().all(|broken| broken.step != one.step))
    {
        if let Some(tree) = &tree {
            session.standing.held.insert(one.step.clone(), tree.clone());
        }
    }
    if broken.is_empty() {
        return Ok(false);
    }
    decide(session, &broken, &step)
}

/// Asks once for all of them, unless each text was agreed to in this session. What is shown is what runs: the plan is
/// read once for both.
fn consent(session: &mut Session<'_>, finished: &[Finished], before: &str) -> Answer<()> {
    let known = |one: &Finished| session.standing.consented.contains(&one.script());
    if finished.iter().all(known) {
        return Ok(());
    }
    let folder = session.desk.root.path().display().to_string();
    session.gate.recheck(&RecheckQuestion {
        steps: finished,
        folder: &folder,
        before: Some(before),
    })?;
    session
        .standing
        .consented
        .extend(finished.iter().map(Finished::script));
    Ok(())
}

fn run(session: &mut Session<'_>, finished: &[Finished]) -> Answer<Vec<Broken>> {
    let mut all = Vec::new();
    for one in finished {
        let desk = &session.desk;
        let recheck = Recheck {
            bench: desk.bench(),
            ground: Ground {
                survey: desk.survey(),
                blobs: Some(&desk.blobs),
                plan: desk.file.real(),
                lines: LINES,
            },
            entries: desk.journal.entries(),
        };
        let rerun = recheck.one(one, session.listener)?;
        let mut check = rerun.check;
        session.desk.blobs.put_exact(one.text().as_bytes())?;
        if !rerun.output.is_empty() {
            check.output = Some(session.desk.keep(&rerun.output)?);
        }
        session.desk.record(Record::Rechecked {
            step: one.step.clone(),
            check,
            confirmed: rerun.confirmed,
        })?;
        all.extend(rerun.broken);
    }
    Ok(all)
}

fn decide(session: &mut Session<'_>, broken: &[Broken], before: &str) -> Answer<bool> {
    let verdict = session.gate.broken(&BrokenQuestion {
        plan: session.desk.file.shown(),
        broken,
        before: Some(before),
    })?;
    let by = session.gate.by();
    match verdict {
        BrokenVerdict::Leave => {
            let name = |broken: &Broken| broken.step.clone();
            let (in_doubt, steps): (Vec<_>, Vec<_>) = broken.iter().partition(|broken| broken.is_in_doubt());
            session.desk.record(Record::WentOn {
                steps: steps.into_iter().map(name).collect(),
                in_doubt: in_doubt.into_iter().map(name).collect(),
                by,
            })?;
            session.standing.waived.extend(broken.iter().map(name));
            Ok(false)
        }
        BrokenVerdict::Untick => {
            for broken in broken {
                let desk = &mut session.desk;
                untick(
                    &desk.file,
                    &mut desk.journal,
                    &broken.step,
                    by.clone(),
                    session.listener,
                )?;
            }
            Ok(true)
        }
    }
}

/// What an unattended session says of steps that no longer hold, or are in doubt.
pub(crate) fn no_longer_holds(question: &BrokenQuestion<'_>) -> Failure {
    let plan = shell_word(Path::new(question.plan));
    let before = question
        .before
        .map_or_else(String::new, |before| format!("step {before} stands on "));
    let (in_doubt, broken): (Vec<&Broken>, Vec<&Broken>) =
        question.broken.iter().partition(|broken| broken.is_in_doubt());
    let named = |these: &[&Broken]| {
        let steps: Vec<&str> = these.iter().map(|broken| broken.step.as_str()).collect();
        steps.join(", step ")
    };
    let doubt = Failure::new(
        Exit::NeedsHuman,
        "check-in-doubt",
        format!("{before}what is in doubt: step {}", named(&in_doubt)),
    )
    .help("nothing was sent; run it at a terminal, to look at it and go on, on record")
    .help(MEND);
    if broken.is_empty() {
        return doubt;
    }
    let text = format!("{before}what no longer holds: step {}", named(&broken));
    let mut failure = Failure::new(Exit::NotPassed, "no-longer-holds", text).help(format!(
        "nothing was sent; `stepgate check {plan} --done` tells what changed since, and `--untick` unticks them"
    ));
    if !in_doubt.is_empty() {
        failure.diagnostics.extend(doubt.diagnostics);
    }
    failure
}

/// What to do about a check in doubt that a person confirms again and again.
const MEND: &str = "or mend the check, so that it fails where one of its commands does";

/// The tree but the plan, whose ticks change nothing that a check stands on; `None` where it cannot be told.
fn tree_of(session: &Session<'_>) -> Option<Surveyed> {
    let desk = &session.desk;
    let plan = desk.file.real().strip_prefix(desk.root.path()).ok()?;
    desk.survey().take(Some(plan)).ok()
}

/// Every step that a step depends on, by what the plan says of it and of its phase, in the order of the file.
fn stands_on(plan: &Plan, step: Number) -> Vec<Number> {
    let mut steps = BTreeSet::new();
    let mut phases = BTreeSet::new();
    let mut open = vec![step];
    while let Some(id) = open.pop() {
        let Some((phase, step)) = plan.step(id) else {
            continue;
        };
        let said = step.dependencies.iter().chain(&phase.dependencies);
        let mut before: Vec<&Phase> = plan.waits_for(phase).into_iter().collect();
        for dependency in said {
            open.extend(dependency.steps.iter().filter(|id| steps.insert(**id)));
            let of = |number: &&Phase| dependency.phases.contains(&number.number);
            before.extend(plan.phases.iter().filter(of));
        }
        // A phase without steps waits for others too.
        while let Some(phase) = before.pop() {
            if !phases.insert(phase.number) {
                continue;
            }
            open.extend(
                phase
                    .steps
                    .iter()
                    .map(|step| step.id)
                    .filter(|id| steps.insert(*id)),
            );
            before.extend(plan.waits_for(phase).filter(|_| phase.steps.is_empty()));
        }
    }
    steps.remove(&step);
    plan.steps()
        .map(|(_, step)| step.id)
        .filter(|id| steps.contains(id))
        .collect()
}
