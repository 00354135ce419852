//! What the journal has on undoing steps, and what the plan says of their order.

use std::collections::BTreeMap;
use std::path::Path;

use crate::plan::{Number, Plan};
use crate::state::{Entry, Record, RollbackRecord};
use crate::tree::{Beyond, Planned, RelativePath, Snapshot};
use crate::words::{Exit, Failure, shell_word};

/// The rollback that was announced and is not done.
pub(super) fn pending(entries: &[Entry]) -> Option<RollbackRecord> {
    let last = entries.iter().rev().find_map(|entry| match &entry.record {
        Record::RolledBack { .. } | Record::RollbackWithdrawn { .. } => Some(None),
        Record::RollbackIntent(announced) => Some(Some(announced)),
        _ => None,
    });
    last.flatten().cloned()
}

/// What was carried out for a step since it was rolled back last, or [anew].
#[derive(Default)]
pub(super) struct History {
    pub(super) intents: Vec<Vec<Planned>>,
    /// Before anything of it was.
    pub(super) snapshot: Option<Snapshot>,
    /// Files that were about to be written, and whether they were is not known.
    pub(super) open: Option<Vec<Planned>>,
    /// A rollback of it was announced.
    pub(super) pending: bool,
    /// An agent that was started, of which nobody has said that what it did stays.
    pub(super) run: Option<Run>,
    /// What agents changed and cannot be put back.
    pub(super) beyond: Vec<Beyond>,
    /// Folders that agents made.
    pub(super) folders: Vec<RelativePath>,
    /// Whether it is what was carried out since the step was done [anew], and not all.
    pub(super) is_anew: bool,
    /// What such an agent did, by the record of a rollback that was announced.
    found: Vec<Planned>,
}

/// An agent whose work is not agreed to.
pub(super) enum Run {
    /// Nothing is known of how it ended; the tree before it.
    Begun(Snapshot),
    /// It ended, and had done this.
    Ended {
        files: Vec<Planned>,
        beyond: Vec<Beyond>,
        folders: Vec<RelativePath>,
    },
}

impl History {
    pub(super) fn of(entries: &[Entry], step: &str) -> Self {
        let mut history = Self::default();
        let anew = anew(entries, step);
        let of_step = |(_, entry): &(usize, &Entry)| entry.record.step() == Some(step);
        for (index, entry) in entries.iter().enumerate().filter(of_step) {
            if index + 1 == anew {
                history = Self {
                    snapshot: history.snapshot,
                    is_anew: true,
                    ..Self::default()
                };
            }
            match &entry.record {
                Record::RolledBack { stuck, .. } => history = history.only(stuck),
                Record::RollbackIntent(RollbackRecord { found, .. }) => {
                    history.pending = true;
                    history.found.clone_from(found);
                }
                Record::RollbackWithdrawn { .. } => {
                    history.pending = false;
                    history.found.clear();
                }
                Record::AgentBegun { delegation, .. } => {
                    history.run = Some(Run::Begun(delegation.snapshot.clone()));
                }
                Record::AgentEnded {
                    files: Some(files),
                    beyond,
                    folders,
                    ..
                } => {
                    let (files, beyond) = (files.clone(), beyond.clone());
                    let folders = folders.clone();
                    history.run = Some(Run::Ended {
                        files,
                        beyond,
                        folders,
                    });
                }
                // It was not started, or all that it did was put back.
                Record::NoReply { .. } => history.run = None,
                Record::Snapshot { snapshot, .. } => {
                    history.snapshot.get_or_insert_with(|| snapshot.clone());
                }
                Record::Made {
                    files,
                    beyond,
                    folders,
                    ..
                } => {
                    history.run = None;
                    history.folders.extend(folders.iter().cloned());
                    history.intents.push(files.clone());
                    history.beyond.extend(beyond.iter().cloned());
                }
                Record::ApplyIntent { files, .. } => history.open = Some(files.clone()),
                Record::Unwritten { .. } => history.open = None,
                Record::Applied { .. } => history.intents.extend(history.open.take()),
                _ => {}
            }
        }
        history
    }

    /// What is left of it where these files could not be put back: the rest is done with.
    fn only(mut self, stuck: &[RelativePath]) -> Self {
        self.intents.push(std::mem::take(&mut self.found));
        for files in &mut self.intents {
            files.retain(|planned| stuck.contains(&planned.path));
        }
        self.intents.retain(|files| !files.is_empty());
        Self {
            intents: self.intents,
            ..Self::default()
        }
    }
}

/// What steps wrote, in order, and when: the index of the record. What was put back is taken out.
fn writes(entries: &[Entry]) -> Vec<(usize, &str, &Planned)> {
    let mut open: BTreeMap<&str, &[Planned]> = BTreeMap::new();
    let mut writes: Vec<(usize, &str, &Planned)> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(of) = entry.record.step() else { continue };
        let files = match &entry.record {
            Record::ApplyIntent { files, .. } => {
                open.insert(of, files);
                continue;
            }
            Record::Applied { .. } => open.remove(of).unwrap_or_default(),
            Record::Made { files, .. } => files,
            Record::RolledBack { stuck, .. } => {
                writes.retain(|(_, other, planned)| *other != of || stuck.contains(&planned.path));
                continue;
            }
            _ => continue,
        };
        writes.extend(files.iter().map(|planned| (index, of, planned)));
    }
    writes
}

/// The index of the first record of a step that a rollback takes back. That is the first one of all, while the step was not
/// done and then done anew, or nobody came between: what another step, or a person, made of its files after it was done is
/// no longer the step's to take away.
pub(super) fn anew(entries: &[Entry], step: &str) -> usize {
    let writes = writes(entries);
    let done = entries.iter().enumerate().filter(|(_, entry)| {
        matches!(&entry.record, Record::Done { .. }) && entry.record.step() == Some(step)
    });
    let came_between = |done: usize| {
        let own = || writes.iter().filter(|(_, of, _)| *of == step);
        let Some(begins) = own().map(|(at, ..)| *at).find(|at| *at > done) else {
            return false;
        };
        own().filter(|(at, ..)| *at < done).any(|(at, _, earlier)| {
            let by_step = writes.iter().any(|(other_at, of, other)| {
                *of != step && other.path == earlier.path && (*at..begins).contains(other_at)
            });
            let last =
                !own().any(|(next, _, other)| (at + 1..done).contains(next) && other.path == earlier.path);
            let goes_on = own().find(|(next, _, other)| *next > done && other.path == earlier.path);
            let by_person = goes_on.is_some_and(|(_, _, later)| {
                (&earlier.after, earlier.link.after) != (&later.before, later.link.before)
            });
            by_step || last && by_person
        })
    };
    let last = done.map(|(index, _)| index).rfind(|index| came_between(*index));
    last.map_or(0, |index| index + 1)
}

/// A step that wrote over a file of this one, later, and is not rolled back: the file, and that step. Of the steps in `goes`
/// nothing is said.
pub(super) fn written_over(entries: &[Entry], step: &str, goes: &[String]) -> Option<(RelativePath, String)> {
    let (writes, anew) = (writes(entries), anew(entries, step));
    let own = |path: &RelativePath| {
        let mut own = writes.iter().filter(|(at, of, _)| *of == step && *at >= anew);
        own.find(|(_, _, planned)| planned.path == *path)
            .map(|(at, ..)| *at)
    };
    let later = writes.iter().rev().find(|(at, of, planned)| {
        *of != step
            && !goes.iter().any(|goes| goes == of)
            && own(&planned.path).is_some_and(|first| first < *at)
    });
    later.map(|(_, of, planned)| (planned.path.clone(), (*of).to_owned()))
}

/// Why a step cannot go alone: another one wrote over a file of it, and stays.
pub(super) fn overwritten(entries: &[Entry], steps: &[String], shown: &str) -> Option<Failure> {
    let (step, (path, other)) = steps
        .iter()
        .find_map(|step| Some((step, written_over(entries, step, steps)?)))?;
    let text = format!("step {step} cannot be rolled back alone: step {other} wrote `{path}` since");
    let plan = shell_word(Path::new(shown));
    let mut failure = Failure::new(Exit::NeedsHuman, "depended-on", text);
    // Where each wrote over the other, neither goes first.
    if written_over(entries, &other, &[]).is_none() {
        failure = failure.help(format!(
            "roll that back first: `stepgate rollback {plan} {other}`"
        ));
    }
    if let Some(count) = enough(entries, step) {
        failure = failure.help(format!(
            "or the last steps in order: `stepgate rollback {plan} --last {count}`"
        ));
    }
    Some(failure)
}

/// How many of the last steps go together so that a step may, with nothing left that wrote over one of them.
fn enough(entries: &[Entry], step: &str) -> Option<usize> {
    let order = last(entries, usize::MAX);
    let count_to = |step: &str| {
        order
            .iter()
            .position(|other| other == step)
            .map(|index| index + 1)
    };
    let mut count = count_to(step)?;
    let over = |goes: &[String]| goes.iter().find_map(|step| written_over(entries, step, goes));
    while let Some((_, other)) = over(&order[..count]) {
        count = count_to(&other)?;
    }
    Some(count)
}

/// Whether the tree of a step is on record as it was before anything was changed for it.
pub(crate) fn has_snapshot(entries: &[Entry], step: &str) -> bool {
    History::of(entries, step).snapshot.is_some()
}

/// The steps that were worked on last and are not rolled back, the last one first.
pub(super) fn last(entries: &[Entry], count: usize) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(step) = entry.record.step() else { continue };
        let worked = match &entry.record {
            Record::AgentBegun { .. } if left_nothing(&entries[index + 1..], step) => continue,
            Record::AgentBegun { .. } => true,
            Record::Applied { .. } | Record::Made { .. } | Record::Done { .. } => true,
            Record::Ticked { to, .. } => *to,
            Record::RolledBack { .. } => false,
            _ => continue,
        };
        steps.retain(|other| other != step);
        if worked {
            steps.push(step.to_owned());
        }
    }
    // A rollback that was cut off may have unticked the step already: it is the last one all the same.
    if let Some(cut_off) = pending(entries) {
        steps.retain(|other| *other != cut_off.step);
        steps.push(cut_off.step);
    }
    steps.into_iter().rev().take(count).collect()
}

/// Whether an agent that was begun for a step before these records was not started, or all that it did was put back.
fn left_nothing(later: &[Entry], step: &str) -> bool {
    let mut of_step = later.iter().filter(|entry| entry.record.step() == Some(step));
    let end = of_step.find(|entry| {
        matches!(
            entry.record,
            Record::NoReply { .. } | Record::Made { .. } | Record::AgentBegun { .. }
        )
    });
    end.is_some_and(|entry| matches!(entry.record, Record::NoReply { .. }))
}

/// Why these steps cannot go: a step that is done and stays depends on one of them.
pub(super) fn depended_on(plan: &Plan, steps: &[String], shown: &str) -> Option<Failure> {
    let goes = |id: Number| steps.contains(&id.to_string());
    for id in steps.iter().filter_map(|step| Number::parse(step)) {
        let Some((phase, _)) = plan.step(id) else { continue };
        let names =
            |steps: &[Number], phases: &[Number]| steps.contains(&id) || phases.contains(&phase.number);
        let leans = plan
            .steps()
            .filter(|(_, other)| other.is_done() && !goes(other.id))
            .find(|(above, other)| {
                let own = other.dependencies.iter().chain(&above.dependencies);
                own.into_iter()
                    .any(|dependency| names(&dependency.steps, &dependency.phases))
                    || plan
                        .waits_for(above)
                        .is_some_and(|before| before.number == phase.number)
            });
        if let Some((_, other)) = leans {
            let text = format!(
                "step {id} cannot be rolled back alone: step {} is done and depends on it",
                other.id
            );
            let plan = shell_word(Path::new(shown));
            return Some(
                Failure::new(Exit::NeedsHuman, "depended-on", text)
                    .help(format!("`stepgate rollback {plan} {}` first", other.id))
                    .help(format!(
                        "or `stepgate rollback {plan} --last N` for the last N steps in order"
                    )),
            );
        }
    }
    None
}
