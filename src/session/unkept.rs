//! What an agent did for a step while nobody has said that it stays: a rollback takes it in.

use super::history::{History, Run};
use super::plan_after_agent::is_plan;
use super::session::Session;
use crate::tree::{self, Beyond, Planned};
use crate::words::Failure;

/// Work of an agent that is not agreed to.
pub(super) struct Unkept {
    /// As it goes on record.
    pub(super) files: Vec<Planned>,
    /// What of it cannot be put back.
    pub(super) beyond: Vec<Beyond>,
}

/// What it did, as it goes on record, and what of it cannot be put back.
///
/// Where it ended it is on record what it did, and what came later is somebody else's. Where it was cut off, all that is
/// other in the tree since it was started is taken for its work.
pub(super) fn unkept(session: &mut Session<'_>, history: &mut History) -> Result<Option<Unkept>, Failure> {
    let Some(run) = &history.run else { return Ok(None) };
    let snapshot = match run {
        Run::Ended {
            files,
            beyond,
            folders,
        } => {
            history.folders.extend(folders.iter().cloned());
            // Beside them may lie what is left of a session that was killed while it put them back.
            tree::sweep(&session.desk.root, files, &session.desk.session)?;
            return Ok(Some(Unkept {
                files: files.clone(),
                beyond: beyond.clone(),
            }));
        }
        Run::Begun(snapshot) => snapshot,
    };
    let desk = &session.desk;
    let mut difference = desk.depot().since(snapshot, &[])?;
    let (root, plan) = (desk.root.path(), desk.file.real());
    difference
        .changes
        .retain(|change| !is_plan(root, change.path.as_str(), plan));
    let files = desk.depot().witness(&difference)?;
    history.folders.append(&mut difference.folders);
    if !files.is_empty() {
        let text =
            "an agent was cut off: all that is other in the tree since it was started is taken for its work";
        session.listener.note(text);
    }
    Ok(Some(Unkept {
        files,
        beyond: difference.beyond,
    }))
}

/// What of a step cannot be put back, where it is still other than before the step.
pub(super) fn still_other(
    session: &Session<'_>,
    history: &History,
    beyond: Vec<Beyond>,
) -> Result<Vec<Beyond>, Failure> {
    let Some(snapshot) = history.snapshot.as_ref().filter(|_| !beyond.is_empty()) else {
        return Ok(beyond);
    };
    // Where the record of it is lost, what was so then is taken to be so still: it stops no rollback.
    let Ok(now) = session.desk.depot().since(snapshot, &[]) else {
        return Ok(beyond);
    };
    let mut left: Vec<Beyond> = Vec::new();
    for one in beyond {
        let is_other = now.beyond.iter().any(|other| other.path == one.path);
        if is_other && !left.iter().any(|other| other.path == one.path) {
            left.push(one);
        }
    }
    Ok(left)
}
