//! The success check at the gate: shown, agreed to, run, put on record.

use std::collections::BTreeMap;

use super::check_blocks::{blocks, whole};
use super::check_question::{CheckBlock, CheckQuestion, CheckVerdict};
use super::checkup::Run;
use super::desk::fingerprint;
use super::event::Event;
use super::gate::{Answer, Stop};
use super::step_files::step_files;
use super::turn::Turn;
use crate::state::{CheckRecord, How, Record};
use crate::tree::{RelativePath, Witness};
use crate::words::{Digest, Exit, Failure};

/// Asks how the step is to be checked, does so, and puts it on record.
pub(crate) fn check(turn: &mut Turn<'_, '_>, cut_off: bool) -> Answer<()> {
    let subject = turn.subject()?;
    let blocks = {
        let found = turn.session.desk.find(turn.reading, turn.step)?;
        blocks(found.step, found.source)?
    };
    let folder = turn.session.desk.root.path().display().to_string();
    let question = CheckQuestion {
        subject: &subject,
        blocks: &blocks,
        folder: &folder,
        cut_off,
        by_hand: true,
    };
    let not_runnable = question.not_runnable();
    let verdict = turn.session.gate.check(&question)?;
    if let (Some(why), true) = (&not_runnable, verdict != CheckVerdict::ByHand) {
        return Err(Failure::new(Exit::NeedsHuman, "no-runnable-check", why.clone()).into());
    }
    let how = verdict.how(&blocks);
    if how == How::ByHand {
        return by_hand(turn, &blocks, not_runnable);
    }
    let script = turn.session.desk.blobs.put_exact(whole(&blocks).as_bytes())?;
    if how == How::All {
        turn.session.standing.consented.insert(script.clone());
    }
    // Before it is put on record: what is refused here was never begun.
    let before = unchanged_plan(turn, &blocks)?;
    turn.record(Record::CheckBegun {
        step: turn.name(),
        attempt: turn.memory.attempt,
        script: script.clone(),
        how: how.clone(),
    })?;
    let files = declared_files(turn);
    let step = turn.name();
    let run = Run {
        step: &step,
        blocks: &blocks,
        chosen: verdict.chosen(),
        own: how == How::OwnTerminal,
    };
    let session = &mut *turn.session;
    let results = run.all(&session.desk.bench(), session.listener)?;
    if fingerprint(turn.session.desk.file.real())? != Some(before) {
        let text = format!(
            "the plan `{}` changed while its check ran",
            turn.session.desk.file.shown()
        );
        return Err(Failure::new(Exit::Changed, "plan-changed", text)
            .help("nothing was ticked; look at what changed in it, then run again")
            .into());
    }
    for (path, digest) in declared_files(turn) {
        if files.get(&path).is_some_and(|before| *before != digest) {
            turn.session.listener.note(&format!("the check changed `{path}`"));
        }
    }
    let kept = !results.output.is_empty();
    let output = if kept {
        Some(turn.session.desk.keep(&results.output)?)
    } else {
        None
    };
    let check = results.record(script, how, output);
    if let Some(signal) = results.interrupted {
        // Neither passed nor failed: the record stays at "begun", and the next session asks.
        return Err(Stop::Interrupted(signal));
    }
    finish(turn, &check)
}

fn by_hand(turn: &mut Turn<'_, '_>, blocks: &[CheckBlock], why: Option<String>) -> Answer<()> {
    let script = if blocks.is_empty() {
        None
    } else {
        Some(turn.session.desk.blobs.put_exact(whole(blocks).as_bytes())?)
    };
    let outcome = match why {
        Some(why) => format!("verified by hand ({why})"),
        None => "verified by hand".to_owned(),
    };
    let check = CheckRecord {
        script,
        how: How::ByHand,
        passed: true,
        outcome,
        doubts: Vec::new(),
        commands: Vec::new(),
        output: None,
        took: 0,
    };
    finish(turn, &check)
}

fn finish(turn: &mut Turn<'_, '_>, check: &CheckRecord) -> Answer<()> {
    let attempt = turn.memory.attempt;
    let tree = check.passed.then(|| witness(turn)).transpose()?;
    turn.record(Record::Checked {
        step: turn.name(),
        attempt,
        check: check.clone(),
        tree,
    })?;
    turn.session.listener.tell(&Event::Checked {
        step: turn.step,
        attempt,
        check,
    });
    turn.session.checked = Some(turn.name());
    Ok(())
}

/// What the tree is, now that the check passed.
fn witness(turn: &Turn<'_, '_>) -> Result<Witness, Failure> {
    let desk = &turn.session.desk;
    let found = desk.find(turn.reading, turn.step)?;
    let files = step_files(&found, desk.journal.entries());
    Witness::take(desk.survey(), &desk.blobs, &files)
}

/// Reads the plan once more right before the check runs: consent is bound to the text that was shown. Returns the
/// digest of the whole plan.
fn unchanged_plan(turn: &Turn<'_, '_>, shown: &[CheckBlock]) -> Answer<Digest> {
    let desk = &turn.session.desk;
    let reading = desk.file.read_valid()?;
    let found = desk.find(&reading, turn.step)?;
    let now = blocks(found.step, found.source)?;
    if whole(&now) != whole(shown) {
        let text = format!("the check of step {} changed after it was shown", turn.step);
        return Err(Failure::new(Exit::Changed, "check-changed", text)
            .help("nothing was run; run again to see it as it is now")
            .into());
    }
    Ok(Digest::of(reading.source.text()))
}

fn declared_files(turn: &Turn<'_, '_>) -> BTreeMap<String, Option<Digest>> {
    let desk = &turn.session.desk;
    let Ok(found) = desk.find(turn.reading, turn.step) else {
        return BTreeMap::new();
    };
    let paths = found.declared().into_iter();
    // Of one that cannot be read nothing is known.
    let digest = |path: &str| {
        let path = RelativePath::parse(path).ok()?;
        let bytes = desk.root.read(&path).ok()?;
        Some(bytes.map(Digest::of))
    };
    paths
        .filter_map(|path| Some((path.clone(), digest(&path)?)))
        .collect()
}
