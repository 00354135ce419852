use super::gate::Answer;
use super::history::History;
use super::session::Session;
use super::unkept::{still_other, unkept};
use crate::plan::{Address, List};
use crate::state::Record;
use crate::tree::{self, Beyond, Planned, Recovery, RelativePath, Undo};
use crate::words::Failure;

/// Other files that are named; of more, how many they are.
const OTHERS: usize = 10;

/// How far what a step did reaches, and its boxes: what a rollback of it is about.
pub(super) struct Extent {
    history: History,
    pub(super) undo: Undo,
    /// What an agent did that nobody has answered for.
    pub(super) unkept: Vec<Planned>,
    /// What agents did and cannot be put back.
    pub(super) beyond: Vec<Beyond>,
    /// Its boxes that are ticked.
    pub(super) boxes: usize,
}

impl Extent {
    /// Looks at the record and at the tree. What was cut off while files were written is brought to one side first.
    pub(super) fn of(session: &mut Session<'_>, step: &str) -> Answer<Self> {
        let foreign = settle(session, step)?;
        let mut history = History::of(session.desk.journal.entries(), step);
        if foreign {
            // Somebody came between the writing of its files: whoever rolls it back decides about each.
            history.intents.extend(history.open.take());
        }
        let mut unkept_files = Vec::new();
        let mut beyond = std::mem::take(&mut history.beyond);
        if let Some(unkept) = unkept(session, &mut history)? {
            history.intents.push(unkept.files.clone());
            unkept_files = unkept.files;
            beyond.extend(unkept.beyond);
        }
        let beyond = still_other(session, &history, beyond)?;
        let mut undo = tree::undo(&session.desk.root, &session.desk.blobs, &history.intents)?;
        undo.folders.append(&mut history.folders.clone());
        undo.folders.sort();
        undo.folders.dedup();
        Ok(Self {
            boxes: ticked(session, step)?.len(),
            history,
            undo,
            unkept: unkept_files,
            beyond,
        })
    }

    /// Files that go back to where the step was done anew, and not to before it: others changed them in between.
    pub(super) fn earlier(&self) -> &[RelativePath] {
        &self.history.earlier
    }

    /// Whether nobody needs to be asked: everything is as before, and no rollback was announced.
    pub(super) fn is_nothing(&self, session: &Session<'_>) -> bool {
        let (history, undo) = (&self.history, &self.undo);
        let folder = |path: &RelativePath| session.desk.root.path().join(path.as_str()).is_dir();
        let as_before = undo.changes.is_empty() && undo.conflicts.is_empty() && undo.kept.is_empty();
        let untouched = self.beyond.is_empty() && !history.folders.iter().any(folder);
        as_before && untouched && self.boxes == 0 && history.run.is_none() && !history.pending
    }

    /// That in words.
    pub(super) fn nothing_to_put_back(&self, step: &str) -> String {
        if self.history.intents.is_empty() {
            format!(
                "stepgate wrote no files for step {step}, and none of its boxes is ticked: there is nothing to put back"
            )
        } else {
            format!(
                "everything that step {step} changed is as it was before, and none of its boxes is ticked"
            )
        }
    }

    /// The paths that are its own.
    fn paths(&self) -> Vec<String> {
        let paths = self.undo.paths.iter().map(ToString::to_string);
        let beyond = self.beyond.iter().map(|beyond| beyond.path.clone());
        paths.chain(beyond).collect()
    }

    /// Files beside the step's that were touched since it began: by its check, by a person, by a tool of theirs.
    pub(super) fn others(&self, session: &Session<'_>) -> Result<Vec<String>, Failure> {
        let Some(snapshot) = &self.history.snapshot else {
            return Ok(Vec::new());
        };
        let desk = &session.desk;
        let own = self.paths();
        let Ok(mut others) = desk.depot().touched(snapshot) else {
            // The list was deleted with other state: nothing is known of them, and nothing is done to them.
            return Ok(Vec::new());
        };
        others.retain(|other| {
            let ours = own.contains(other);
            !ours && !RelativePath::parse(other).is_ok_and(|path| desk.root.owns(&path))
        });
        let more = others.len().saturating_sub(OTHERS);
        others.truncate(OTHERS);
        if more > 0 {
            others.push(format!("and {more} more"));
        }
        Ok(others)
    }
}

/// Files that were being written when a session ended are brought to one side first. Whether they cannot be, for somebody
/// else changed one of them.
fn settle(session: &mut Session<'_>, step: &str) -> Answer<bool> {
    let Some(open) = History::of(session.desk.journal.entries(), step).open else {
        return Ok(false);
    };
    let desk = &session.desk;
    match tree::recover(&desk.root, &desk.blobs, &open, &desk.session)? {
        Recovery::NothingWritten | Recovery::RolledBack => Ok(false),
        Recovery::AllWritten => {
            let attempt = desk.memory(step).attempt;
            let step = step.to_owned();
            session.desk.record(Record::Applied {
                step,
                attempt,
                diff: None,
            })?;
            Ok(false)
        }
        Recovery::Foreign(_) => {
            tree::sweep(&desk.root, &open, &desk.session)?;
            Ok(true)
        }
    }
}

/// The step's boxes that are ticked.
pub(super) fn ticked(session: &Session<'_>, step: &str) -> Result<Vec<Address>, Failure> {
    let reading = session.desk.file.read_valid()?;
    let lists = [List::Tasks, List::Criteria, List::Other].map(|list| list(step.to_owned()));
    let done = |list: &List| list.addresses(&reading.plan, &reading.source, |_, checkbox| checkbox.done);
    Ok(lists.iter().flat_map(done).collect())
}
