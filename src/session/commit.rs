//! With `--commit`, a commit for each finished step: its files and the plan's ticks, and nothing else that lies about.
//!
//! That it is to come is on record before the boxes are ticked, and its name before the branch moves: so a session that
//! is killed anywhere between leaves one commit to be made, and the next one makes it, never two.

use super::event::Event;
use super::found::Found;
use super::gate::Answer;
use super::other_root::same_root;
use super::session::Session;
use super::step_files::{beyond, step_files};
use super::turn::Turn;
use crate::crash;
use crate::plan::Number;
use crate::state::{By, Entry, Record};
use crate::tree::{Beyond, Checkpoint, LeftOut, RelativePath, WitnessKind};
use crate::words::{Failure, printable_line};

/// The trailer that names the step.
const TRAILER: &str = "Stepgate-Step";

/// Letters of a subject, and of a line of evidence.
const SUBJECT: usize = 100;
const LINE: usize = 200;

/// Files that are named of those that a commit leaves out.
const TOLD: usize = 10;

/// Makes sure, before anything is sent, that commits can be made.
pub(crate) fn ready(session: &mut Session<'_>) -> Answer<()> {
    if !session.desk.options.commit {
        return Ok(());
    }
    let desk = &session.desk;
    let checkpoint = Checkpoint::open(&desk.root, &desk.scratch)?;
    checkpoint.ready()?;
    if checkpoint.is_detached() {
        session
            .listener
            .note("the head is on no branch: the commits of the steps will be on none either");
    }
    if plan_path(session).is_some_and(|plan| checkpoint.ignores(&plan)) {
        session
            .listener
            .note("git ignores the plan: its ticks will be in no commit");
    }
    Ok(())
}

/// Puts on record that a step is to be committed, before its boxes are ticked.
pub(crate) fn announce(turn: &mut Turn<'_, '_>) -> Result<(), Failure> {
    if !turn.session.desk.options.commit {
        return Ok(());
    }
    turn.record(Record::CommitIntent {
        step: turn.name(),
        attempt: turn.memory.attempt,
    })
}

/// Makes the commits that are announced and missing, of steps that are done.
///
/// Where git is busy with something else they stay missing, which is said: they were not asked for in this session.
pub(crate) fn finish_pending(session: &mut Session<'_>) -> Answer<()> {
    for pending in pending(session.desk.journal.entries()) {
        let reading = session.desk.file.read_valid()?;
        let id = Number::parse(&pending.step);
        let done = id
            .and_then(|id| reading.plan.step(id))
            .is_some_and(|(_, step)| step.is_done());
        if !done {
            continue;
        }
        let desk = &session.desk;
        let open =
            same_root(session, &pending.step).and_then(|()| Checkpoint::open(&desk.root, &desk.scratch));
        if let Err(failure) = open.and_then(|checkpoint| checkpoint.ready()) {
            let text = format!(
                "the commit of step {} is still to be made: {failure}",
                pending.step
            );
            session.listener.note(&text);
            continue;
        }
        if let Some(failure) = make(session, &pending)? {
            let step = &pending.step;
            let text = format!("the commit of step {step} is still to be made: {failure}");
            session.listener.note(&text);
        }
    }
    Ok(())
}

/// Commits a step that was just done, where that was announced. What git has against it does not undo the step, and stops
/// no other one: it is said, and the commit stays announced.
pub(crate) fn of_step(session: &mut Session<'_>, step: &str) -> Answer<()> {
    let mut pending = pending(session.desk.journal.entries()).into_iter();
    let Some(pending) = pending.find(|pending| pending.step == step) else {
        return Ok(());
    };
    if let Some(failure) = make(session, &pending)? {
        let text = format!(
            "step {step} is done and ticked, but its commit was not made: {failure}; mend that, and the next run makes it, \
             or commit the files yourself"
        );
        session.listener.note(&text);
    }
    Ok(())
}

/// A commit that was announced and is not known to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pending {
    step: String,
    /// The commit that was about to become the head, and what the head was.
    begun: Option<(String, Option<String>)>,
}

fn pending(entries: &[Entry]) -> Vec<Pending> {
    let mut all: Vec<Pending> = Vec::new();
    for entry in entries {
        match &entry.record {
            Record::CommitIntent { step, .. } => {
                all.retain(|pending| pending.step != *step);
                all.push(Pending {
                    step: step.clone(),
                    begun: None,
                });
            }
            Record::CommitBegun { step, parent, commit } => {
                for pending in all.iter_mut().filter(|pending| pending.step == *step) {
                    pending.begun = Some((commit.clone(), parent.clone()));
                }
            }
            Record::Committed { step, .. } | Record::NotCommitted { step, .. } => {
                all.retain(|pending| pending.step != *step);
            }
            // The ticks that it was announced for are void, or were taken back.
            Record::Ticked { boxes, .. } if boxes.is_empty() => all.clear(),
            Record::Ticked { to: false, .. } => {
                all.retain(|pending| entry.record.step() != Some(&pending.step));
            }
            _ => {}
        }
    }
    all
}

/// Makes a commit that was announced; what git has against it, where it has. All else that fails is a failure.
fn make(session: &mut Session<'_>, pending: &Pending) -> Answer<Option<Failure>> {
    let step = pending.step.clone();
    let reading = session.desk.file.read_valid()?;
    let desk = &session.desk;
    let found = desk.find(&reading, &step)?;
    let mut files = step_files(&found, desk.journal.entries());
    let plan = plan_path(session);
    files.extend(plan.clone());
    let name = name_of(&found, desk.file.real());
    let message = message(&found, &name, desk.journal.entries());
    let checkpoint = match Checkpoint::open(&session.desk.root, &session.desk.scratch) {
        Ok(checkpoint) => checkpoint,
        Err(failure) => return Ok(Some(failure)),
    };
    let made_before = pending.begun.as_ref().filter(|(commit, parent)| {
        checkpoint.holds(commit) || checkpoint.bears(parent.as_deref(), TRAILER, &name)
    });
    if let Some((commit, _)) = made_before {
        let commit = commit.clone();
        session.desk.record(Record::Committed { step, commit })?;
        return Ok(None);
    }
    let attempt = match checkpoint.make(&files, &message) {
        Ok(attempt) => attempt,
        Err(failure) => return Ok(Some(failure)),
    };
    let beyond = beyond(&step, session.desk.journal.entries());
    if let Some(text) = left_out(&step, (&attempt.left_out, &beyond), plan.as_ref()) {
        session.listener.note(&text);
    }
    let Some(made) = attempt.made else {
        let why = match (attempt.taken, attempt.left_out.is_empty()) {
            (true, true) => "its files are as in the last commit",
            (true, false) => "what git takes of its files is as in the last commit",
            (false, _) => "git takes none of its files",
        };
        let why = why.to_owned();
        session
            .listener
            .note(&format!("step {step} is not committed: {why}"));
        session.desk.record(Record::NotCommitted { step, why })?;
        return Ok(None);
    };
    crash::point();
    session.desk.journal.add(Record::CommitBegun {
        step: step.clone(),
        parent: made.parent.clone(),
        commit: made.commit.clone(),
    })?;
    if let Err(failure) = checkpoint.take(&made, &format!("stepgate: {name}"), &mut crash::point) {
        return Ok(Some(failure));
    }
    crash::point();
    session.desk.journal.add(Record::Committed {
        step: step.clone(),
        commit: made.commit.clone(),
    })?;
    session.listener.tell(&Event::Committed {
        step: &step,
        commit: &made.commit,
        files: &made.files,
    });
    Ok(None)
}

/// Says which files of a step are in no commit. That the plan is in none was said when the session began.
fn left_out(
    step: &str,
    (files, beyond): (&[LeftOut], &[Beyond]),
    plan: Option<&RelativePath>,
) -> Option<String> {
    let files = files.iter().filter(|file| Some(&file.path) != plan);
    let files = files.map(|file| format!("`{}` ({})", file.path, file.why));
    let beyond = beyond
        .iter()
        .map(|beyond| format!("`{}` ({})", beyond.path, beyond.why));
    let files: Vec<String> = files.chain(beyond).collect();
    let told = &files[..files.len().min(TOLD)];
    let more = match files.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (_, told) = (told.first()?, told.join(", "));
    Some(format!("not in the commit of step {step}: {told}{more}"))
}

/// The plan, from the root.
fn plan_path(session: &Session<'_>) -> Option<RelativePath> {
    let desk = &session.desk;
    let path = desk.file.real().strip_prefix(desk.root.path()).ok()?;
    RelativePath::parse(path.to_str()?).ok()
}

/// The step, as the trailer names it: the plan's id, or the name of its file where it has none.
fn name_of(found: &Found<'_>, path: &std::path::Path) -> String {
    let id = found.plan.id(found.source);
    let id = id.unwrap_or_else(|| {
        path.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    });
    format!("{} {}", printable_line(&id), found.id())
}

fn message(found: &Found<'_>, name: &str, entries: &[Entry]) -> String {
    let title = printable_line(found.source.slice(&found.step.title)).into_owned();
    let subject = cut(&format!("{name}: {title}"), SUBJECT);
    let mut text = format!("{}\n\n{TRAILER}: {name}\n", subject.trim_end_matches([':', ' ']));
    let id = found.id();
    let of_step = || {
        entries
            .iter()
            .rev()
            .filter(|entry| entry.record.step() == Some(&id))
    };
    let by = of_step().find_map(|entry| match &entry.record {
        Record::Confirmed { by, .. } => Some(match by {
            By::Person(user) => format!("; confirmed by {user}"),
            By::Unattended => "; unattended".to_owned(),
            By::Attested(user) => format!("; unattended, vouched for by {user}"),
        }),
        _ => None,
    });
    let checked = of_step().find_map(|entry| match &entry.record {
        Record::Checked { check, tree, .. } if check.passed => Some((check, tree)),
        _ => None,
    });
    if let Some((check, tree)) = checked {
        let line = format!("{}{}", check.outcome, by.unwrap_or_default());
        text.push_str(&format!(
            "Stepgate-Check: {}\n",
            cut(&printable_line(&line), LINE)
        ));
        if let Some(tree) = tree {
            let kind = match tree.kind {
                WitnessKind::GitTree => "git-tree",
                WitnessKind::Files => "files",
            };
            text.push_str(&format!("Stepgate-Tree: {kind} {}\n", tree.hash));
        }
    }
    text
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
