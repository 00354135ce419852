//! With `--commit`, a commit for each finished step: its files and the plan's ticks, and nothing else that lies about. What
//! is ticked outside of steps is committed before the next step comes, and at the end: the plan alone.
//!
//! That it is to come is on record before the boxes are ticked, and its name before the branch moves: so a session that
//! is killed anywhere between leaves one commit to be made, and the next one makes it, never two.

use super::commit_message::{self, PLAN, TRAILER};
use super::event::Event;
use super::gate::Answer;
use super::other_root::same_root;
use super::session::Session;
use super::step_files::{beyond, step_files};
use super::turn::Turn;
use crate::crash;
use crate::plan::Number;
use crate::state::{By, Entry, PlanCommit, Record};
use crate::tree::{Beyond, Checkpoint, LeftOut, RelativePath};
use crate::words::Failure;

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

/// Puts on record that a list's boxes are to be committed, before they are ticked.
pub(crate) fn announce_list(session: &mut Session<'_>, place: &str, by: By) -> Result<(), Failure> {
    if !session.desk.options.commit {
        return Ok(());
    }
    let place = place.to_owned();
    session
        .desk
        .record(Record::PlanCommit(PlanCommit::Intent { place, by }))
}

/// Commits the plan, where boxes outside of steps were announced to be. What git has against it is said, and the commit
/// stays announced.
pub(crate) fn of_lists(session: &mut Session<'_>) -> Answer<()> {
    if !session.desk.options.commit {
        return Ok(());
    }
    let mut pending = pending(session.desk.journal.entries()).into_iter();
    let Some(pending) = pending.find(|pending| matches!(pending.what, What::Lists(_))) else {
        return Ok(());
    };
    if let Some(failure) = make(session, &pending)? {
        let text = format!(
            "the plan's ticks outside of steps are not committed: {failure}; mend that, and the next run does it, or commit \
             the plan yourself"
        );
        session.listener.note(&text);
    }
    Ok(())
}

/// Makes the commits that are announced and missing, of steps that are done.
///
/// Where git is busy with something else they stay missing, which is said: they were not asked for in this session.
pub(crate) fn finish_pending(session: &mut Session<'_>) -> Answer<()> {
    for pending in pending(session.desk.journal.entries()) {
        if let What::Step(step) = &pending.what {
            let reading = session.desk.file.read_valid()?;
            let id = Number::parse(step);
            let found = id.and_then(|id| reading.plan.step(id));
            if !found.is_some_and(|(_, step)| step.is_done()) {
                continue;
            }
        }
        let what = pending.what.words();
        let desk = &session.desk;
        let same = match &pending.what {
            What::Step(step) => same_root(session, step),
            What::Lists(_) => Ok(()),
        };
        let open = same.and_then(|()| Checkpoint::open(&desk.root, &desk.scratch));
        if let Err(failure) = open.and_then(|checkpoint| checkpoint.ready()) {
            let text = format!("the commit of {what} is still to be made: {failure}");
            session.listener.note(&text);
            continue;
        }
        if let Some(failure) = make(session, &pending)? {
            let text = format!("the commit of {what} is still to be made: {failure}");
            session.listener.note(&text);
        }
    }
    Ok(())
}

/// Commits a step that was just done, where that was announced. What git has against it does not undo the step, and stops
/// no other one: it is said, and the commit stays announced.
pub(crate) fn of_step(session: &mut Session<'_>, step: &str) -> Answer<()> {
    let mut pending = pending(session.desk.journal.entries()).into_iter();
    let Some(pending) = pending.find(|pending| pending.what == What::Step(step.to_owned())) else {
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
#[derive(Debug, Clone, PartialEq)]
struct Pending {
    what: What,
    /// The commit that was about to become the head, and what the head was.
    begun: Option<(String, Option<String>)>,
}

/// What is to be committed.
#[derive(Debug, Clone, PartialEq)]
enum What {
    /// A step.
    Step(String),
    /// The plan, with boxes of these lists; who said that they hold.
    Lists(Vec<(String, By)>),
}

impl What {
    /// It in words.
    fn words(&self) -> String {
        match self {
            Self::Step(step) => format!("step {step}"),
            Self::Lists(_) => "the plan".to_owned(),
        }
    }

    fn begun(&self, parent: Option<String>, commit: String) -> Record {
        match self.clone() {
            Self::Step(step) => Record::CommitBegun { step, parent, commit },
            Self::Lists(_) => Record::PlanCommit(PlanCommit::Begun { parent, commit }),
        }
    }

    fn made(&self, commit: String) -> Record {
        match self.clone() {
            Self::Step(step) => Record::Committed { step, commit },
            Self::Lists(_) => Record::PlanCommit(PlanCommit::Made { commit }),
        }
    }

    fn not(&self, why: String) -> Record {
        match self.clone() {
            Self::Step(step) => Record::NotCommitted { step, why },
            Self::Lists(_) => Record::PlanCommit(PlanCommit::Not { why }),
        }
    }

    fn is_step(&self, step: Option<&str>) -> bool {
        matches!(self, Self::Step(own) if step == Some(own))
    }
}

fn pending(entries: &[Entry]) -> Vec<Pending> {
    let mut all: Vec<Pending> = Vec::new();
    // A list that was announced is in a commit only when its boxes are ticked.
    let (mut announced, mut ticking, mut step) = (None, None, None);
    for entry in entries {
        match &entry.record {
            Record::CommitIntent { step, .. } => {
                all.retain(|pending| !pending.what.is_step(Some(step)));
                all.push(Pending {
                    what: What::Step(step.clone()),
                    begun: None,
                });
            }
            Record::CommitBegun { step, parent, commit } => {
                for pending in all.iter_mut().filter(|pending| pending.what.is_step(Some(step))) {
                    pending.begun = Some((commit.clone(), parent.clone()));
                }
            }
            Record::Committed { step, .. } | Record::NotCommitted { step, .. } => {
                all.retain(|pending| !pending.what.is_step(Some(step)));
            }
            Record::PlanCommit(PlanCommit::Intent { place, by }) => {
                announced = Some((place.clone(), by.clone()));
            }
            Record::PlanCommit(commit) => of_plan(&mut all, commit),
            Record::Session { .. } => announced = None,
            Record::TickIntent { .. } => {
                ticking = announced.take();
                step = entry.record.step();
            }
            Record::Ticked { boxes, to: true } if !boxes.is_empty() => {
                if let Some(list) = ticking.take() {
                    add_list(&mut all, list);
                }
            }
            // The ticks that it was announced for are void, or were taken back. The plan alone is committed as it is.
            Record::Ticked { boxes, .. } if boxes.is_empty() => {
                all.retain(|pending| !pending.what.is_step(step));
            }
            Record::Ticked { to: false, .. } => {
                all.retain(|pending| !pending.what.is_step(entry.record.step()));
            }
            _ => {}
        }
    }
    all
}

/// Adds a list whose boxes are ticked. What is ticked between two commits of the plan is one commit.
fn add_list(all: &mut Vec<Pending>, list: (String, By)) {
    let lists = all.iter_mut().find_map(|pending| match &mut pending.what {
        What::Lists(lists) => Some(lists),
        What::Step(_) => None,
    });
    match lists {
        Some(lists) if lists.contains(&list) => {}
        Some(lists) => lists.push(list),
        None => all.push(Pending {
            what: What::Lists(vec![list]),
            begun: None,
        }),
    }
}

/// Takes what is on record of a commit of the plan alone.
fn of_plan(all: &mut Vec<Pending>, commit: &PlanCommit) {
    let at = all
        .iter()
        .position(|pending| matches!(pending.what, What::Lists(_)));
    match (commit, at) {
        (PlanCommit::Begun { parent, commit }, Some(at)) => {
            all[at].begun = Some((commit.clone(), parent.clone()));
        }
        (PlanCommit::Made { .. } | PlanCommit::Not { .. }, Some(at)) => drop(all.remove(at)),
        (PlanCommit::Intent { .. }, _) | (_, None) => {}
    }
}

/// Makes a commit that was announced; what git has against it, where it has. All else that fails is a failure.
fn make(session: &mut Session<'_>, pending: &Pending) -> Answer<Option<Failure>> {
    let what = &pending.what;
    let reading = session.desk.file.read_valid()?;
    let desk = &session.desk;
    let plan = plan_path(session);
    let mut files: Vec<RelativePath> = plan.clone().into_iter().collect();
    let (trailer, name, message) = match what {
        What::Step(step) => {
            let found = desk.find(&reading, step)?;
            files.extend(step_files(&found, desk.journal.entries()));
            let name = commit_message::step_name(&found, desk.file.real());
            let message = commit_message::of_step(&found, &name, desk.journal.entries());
            (TRAILER, name, message)
        }
        What::Lists(lists) => {
            let name = commit_message::plan_name(&reading, desk.file.real());
            let message = commit_message::of_lists(&name, lists);
            (PLAN, name, message)
        }
    };
    let checkpoint = match Checkpoint::open(&session.desk.root, &session.desk.scratch) {
        Ok(checkpoint) => checkpoint,
        Err(failure) => return Ok(Some(failure)),
    };
    let made_before = pending.begun.as_ref().filter(|(commit, parent)| {
        checkpoint.holds(commit) || checkpoint.bears(parent.as_deref(), trailer, &name)
    });
    if let Some((commit, _)) = made_before {
        let commit = commit.clone();
        session.desk.record(what.made(commit))?;
        return Ok(None);
    }
    let attempt = match checkpoint.make(&files, &message) {
        Ok(attempt) => attempt,
        Err(failure) => return Ok(Some(failure)),
    };
    let unheld = match what {
        What::Step(step) => beyond(step, session.desk.journal.entries()),
        What::Lists(_) => Vec::new(),
    };
    if let Some(text) = left_out(what, (&attempt.left_out, &unheld), plan.as_ref()) {
        session.listener.note(&text);
    }
    let Some(made) = attempt.made else {
        let why = match (attempt.taken, attempt.left_out.is_empty()) {
            (true, true) => "its files are as in the last commit",
            (true, false) => "what git takes of its files is as in the last commit",
            (false, _) => "git takes none of its files",
        };
        let why = why.to_owned();
        if let What::Step(step) = what {
            session
                .listener
                .note(&format!("step {step} is not committed: {why}"));
        }
        session.desk.record(what.not(why))?;
        return Ok(None);
    };
    crash::point();
    let begun = what.begun(made.parent.clone(), made.commit.clone());
    session.desk.journal.add(begun)?;
    if let Err(failure) = checkpoint.take(&made, &format!("stepgate: {name}"), &mut crash::point) {
        return Ok(Some(failure));
    }
    crash::point();
    session.desk.journal.add(what.made(made.commit.clone()))?;
    let (commit, files) = (&made.commit, &made.files);
    match what {
        What::Step(step) => session.listener.tell(&Event::Committed { step, commit, files }),
        What::Lists(lists) => {
            let lists: Vec<String> = lists
                .iter()
                .map(|(place, _)| commit_message::short(place))
                .collect();
            session.listener.tell(&Event::PlanCommitted {
                lists: &lists,
                commit,
                files,
            });
        }
    }
    Ok(None)
}

/// Says which files of a step are in no commit. That the plan is in none was said when the session began.
fn left_out(
    what: &What,
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
    Some(format!("not in the commit of {}: {told}{more}", what.words()))
}

/// The plan, from the root.
fn plan_path(session: &Session<'_>) -> Option<RelativePath> {
    let desk = &session.desk;
    let path = desk.file.real().strip_prefix(desk.root.path()).ok()?;
    RelativePath::parse(path.to_str()?).ok()
}
