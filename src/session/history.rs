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

/// What was carried out for a step since it was rolled back last.
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
    /// Paths that were written before too, which is not taken back with the rest: others changed them since.
    pub(super) earlier: Vec<RelativePath>,
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
        for entry in entries.iter().filter(|entry| entry.record.step() == Some(step)) {
            match &entry.record {
                Record::RolledBack { .. } => history = Self::default(),
                Record::RollbackIntent(_) => history.pending = true,
                Record::RollbackWithdrawn { .. } => history.pending = false,
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
                Record::Made { beyond, folders, .. } => {
                    history.run = None;
                    history.folders.extend(folders.iter().cloned());
                    history.beyond.extend(beyond.iter().cloned());
                }
                Record::ApplyIntent { files, .. } => history.open = Some(files.clone()),
                Record::Unwritten { .. } => history.open = None,
                Record::Applied { .. } => history.open = None,
                _ => {}
            }
        }
        let own = Own::of(entries, &writes(entries), step);
        history.earlier = own.earlier;
        let mut last = None;
        for (index, planned) in own.writes {
            if last.replace(index) != Some(index) {
                history.intents.push(Vec::new());
            }
            if let Some(files) = history.intents.last_mut() {
                files.push(planned.clone());
            }
        }
        history
    }
}

/// What a step wrote of a path: the index of the record, the step, and what.
type Write<'a> = (usize, &'a str, &'a Planned);

/// What steps wrote, in order. What was put back is taken out.
fn writes(entries: &[Entry]) -> Vec<Write<'_>> {
    let mut open: BTreeMap<&str, &[Planned]> = BTreeMap::new();
    let mut found: BTreeMap<&str, &[Planned]> = BTreeMap::new();
    let mut writes: Vec<Write<'_>> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(of) = entry.record.step() else { continue };
        let files = match &entry.record {
            Record::ApplyIntent { files, .. } => {
                open.insert(of, files);
                continue;
            }
            Record::RollbackIntent(rollback) => {
                found.insert(of, &rollback.found);
                continue;
            }
            Record::Applied { .. } => open.remove(of).unwrap_or_default(),
            Record::Made { files, .. } => files,
            Record::RolledBack { stuck, .. } => {
                let own = Own::of(&entries[..index], &writes, of).writes;
                writes.retain(|(at, other, planned)| {
                    let went = own
                        .iter()
                        .any(|(own_at, own)| own_at == at && own.path == planned.path);
                    *other != of || !went || stuck.contains(&planned.path)
                });
                let stuck = |planned: &&Planned| stuck.contains(&planned.path);
                let left = found.remove(of).unwrap_or_default().iter().filter(stuck);
                writes.extend(left.map(|planned| (index, of, planned)));
                continue;
            }
            _ => continue,
        };
        writes.extend(files.iter().map(|planned| (index, of, planned)));
    }
    writes
}

/// What a step wrote, and a rollback takes back.
struct Own<'a> {
    /// In order, with the index of the record.
    writes: Vec<(usize, &'a Planned)>,
    /// Paths that it wrote once more before that, which is not taken back now.
    earlier: Vec<RelativePath>,
}

impl<'a> Own<'a> {
    /// All that a step wrote of a path, unless it was done, and then done anew after another step, or a person, had changed
    /// that path: what they made of it is not the step's to take away, so that it goes back to where it was done anew.
    fn of(entries: &[Entry], writes: &[Write<'a>], step: &str) -> Self {
        let done: Vec<usize> = entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| matches!(&entry.record, Record::Done { step: of } if of == step))
            .map(|(index, _)| index)
            .collect();
        let mut own = Self {
            writes: Vec::new(),
            earlier: Vec::new(),
        };
        // By path, the last write so far.
        let mut last: BTreeMap<&RelativePath, (usize, &Planned)> = BTreeMap::new();
        for (at, _, planned) in writes.iter().filter(|(_, of, _)| *of == step) {
            let before = last.insert(&planned.path, (*at, planned));
            if let Some((from, before)) = before {
                let between = from..*at;
                let by_step = writes
                    .iter()
                    .any(|(at, of, other)| *of != step && other.path == planned.path && between.contains(at));
                let by_person = (&before.after, before.link.after) != (&planned.before, planned.link.before);
                if done.iter().any(|done| between.contains(done)) && (by_step || by_person) {
                    own.writes.retain(|(_, other)| other.path != planned.path);
                    own.earlier.push(planned.path.clone());
                }
            }
            own.writes.push((*at, planned));
        }
        own.earlier.sort();
        own.earlier.dedup();
        own
    }
}

/// A step that wrote over a file of this one, later, and is not rolled back: the file, and that step. Of the steps in `goes`
/// nothing is said.
pub(super) fn written_over(entries: &[Entry], step: &str, goes: &[String]) -> Option<(RelativePath, String)> {
    let writes = writes(entries);
    let own = Own::of(entries, &writes, step).writes;
    let own = |path: &RelativePath| own.iter().find(|(_, own)| own.path == *path).map(|(at, _)| *at);
    let later = writes.iter().rev().find(|(at, of, planned)| {
        *of != step
            && !goes.iter().any(|goes| goes == of)
            && own(&planned.path).is_some_and(|first| first < *at)
    });
    later.map(|(_, of, planned)| (planned.path.clone(), (*of).to_owned()))
}

/// Why a step cannot go alone: another one wrote over a file of it, and stays.
pub(super) fn overwritten(entries: &[Entry], plan: &Plan, steps: &[String], shown: &str) -> Option<Failure> {
    let (step, (path, other)) = steps
        .iter()
        .find_map(|step| Some((step, written_over(entries, step, steps)?)))?;
    let text = format!("step {step} cannot be rolled back alone: step {other} wrote `{path}` since");
    Some(not_alone(entries, plan, text, (step, &other), shown))
}

/// A refusal, and what can be done: the other step first, where that can go alone, or all that have to go together.
fn not_alone(
    entries: &[Entry],
    plan: &Plan,
    text: String,
    (step, other): (&str, &str),
    shown: &str,
) -> Failure {
    let shown = shell_word(Path::new(shown));
    let mut failure = Failure::new(Exit::NeedsHuman, "depended-on", text);
    let alone = [other.to_owned()];
    if written_over(entries, other, &[]).is_none() && leaning(plan, &alone).is_none() {
        failure = failure.help(format!(
            "roll that back first: `stepgate rollback {shown} {other}`"
        ));
    }
    match enough(entries, plan, step) {
        Some(count) => failure.help(format!(
            "or the last steps in order: `stepgate rollback {shown} --last {count}`"
        )),
        None => failure,
    }
}

/// How many of the last steps go together so that a step may, with nothing left that wrote over one of them or depends on it.
fn enough(entries: &[Entry], plan: &Plan, step: &str) -> Option<usize> {
    let order = last(entries, usize::MAX);
    let count_to = |step: &str| {
        let at = order.iter().position(|other| other == step);
        at.map(|index| index + 1)
    };
    let mut count = count_to(step)?;
    loop {
        let goes = &order[..count];
        let over = goes.iter().find_map(|step| written_over(entries, step, goes));
        let stays = over.map(|(_, other)| other);
        let Some(other) = stays.or_else(|| leaning(plan, goes).map(|(_, other)| other.to_string())) else {
            return Some(count);
        };
        count = count_to(&other)?;
    }
}

/// Whether the tree of a step is on record as it was before anything was changed for it.
pub(crate) fn has_snapshot(entries: &[Entry], step: &str) -> bool {
    History::of(entries, step).snapshot.is_some()
}

/// The steps that were worked on last and are not rolled back, the last one first.
pub(super) fn last(entries: &[Entry], count: usize) -> Vec<String> {
    let left = writes(entries);
    let wrote = |step: &str| left.iter().any(|(_, of, _)| *of == step);
    let mut steps: Vec<String> = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let Some(step) = entry.record.step() else { continue };
        let worked = match &entry.record {
            Record::AgentBegun { .. } if left_nothing(&entries[index + 1..], step) => continue,
            Record::AgentBegun { .. } => true,
            Record::Applied { .. } | Record::Made { .. } | Record::Done { .. } => true,
            Record::Ticked { to: true, .. } => true,
            // What it wrote and is not put back can be, boxes or not.
            Record::Ticked { to: false, .. } | Record::RolledBack { .. } if wrote(step) => continue,
            Record::Ticked { to: false, .. } | Record::RolledBack { .. } => false,
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
pub(super) fn depended_on(entries: &[Entry], plan: &Plan, steps: &[String], shown: &str) -> Option<Failure> {
    let (step, other) = leaning(plan, steps)?;
    let text = format!("step {step} cannot be rolled back alone: step {other} is done and depends on it");
    let (step, other) = (step.to_string(), other.to_string());
    Some(not_alone(entries, plan, text, (&step, &other), shown))
}

/// One of these steps, and a step that is done, is none of them, and depends on it.
fn leaning(plan: &Plan, steps: &[String]) -> Option<(Number, Number)> {
    let goes = |id: Number| steps.contains(&id.to_string());
    steps
        .iter()
        .filter_map(|step| Number::parse(step))
        .find_map(|id| {
            let (phase, _) = plan.step(id)?;
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
            leans.map(|(_, other)| (id, other.id))
        })
}
