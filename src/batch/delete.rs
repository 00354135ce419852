use super::{Kept, Part, PartStage, Submission};
use crate::crash;
use crate::llm::client::{BatchClient, BatchError};
use crate::llm::wire::batch::Engine;
use crate::state::BatchRecord;
use crate::words::Failure;

/// What became of what an engine keeps of a file of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cleared {
    /// The engine has none of it any more: what was deleted now, and what was gone already.
    Deleted {
        /// Ids of what was deleted now.
        deleted: Vec<String>,
        /// Ids of what was gone.
        gone: Vec<String>,
    },
    /// It was given up on, and the engine still works on it, in its own word: nothing is deleted.
    Runs(String),
    /// The engine shows none of it. That may be because it is gone, or because the key is of another account: nothing is
    /// deleted, and nothing on record.
    Hidden,
}

/// What an engine shows of what it keeps.
enum Shown {
    /// Some of these, which are all.
    Some(Vec<String>),
    /// Nothing.
    None,
    /// A batch that still runs, in the engine's word.
    Runs(String),
}

/// Has an engine delete what it keeps of a batch that is home, or was given up on: uploaded requests and results. `None`
/// where it keeps nothing that we know of, or its results are not home.
///
/// What is about to be deleted is on record before. It can be cut off anywhere and done again: what is gone is gone. An engine
/// that shows none of it is believed only where somebody vouches with `gone` that nothing is there any more: then nothing that
/// it says of the batch, or does not say, holds this up.
pub fn delete(
    submission: &mut Submission,
    index: usize,
    client: &mut BatchClient,
    (by, gone): (&str, bool),
) -> Result<Option<Cleared>, Failure> {
    let part = submission.parts[index].clone();
    if !part.is_litter() {
        return Ok(None);
    }
    let ids = match &part.kept {
        Kept::Deleted => return Ok(None),
        Kept::Going(ids) => ids.clone(),
        Kept::Still => {
            let ids = match kept(client, &part) {
                Ok(Shown::Some(ids)) => ids,
                Ok(Shown::Runs(status)) => return Ok(Some(Cleared::Runs(status))),
                Err(BatchError::Interrupted(signal)) => return Err(BatchError::Interrupted(signal).plain()),
                Ok(Shown::None) | Err(_) if gone => known(client.engine(), &part),
                Ok(Shown::None) => return Ok(Some(Cleared::Hidden)),
                Err(error) => return Err(error.plain()),
            };
            let (file, by) = (part.file.clone(), by.to_owned());
            let record = BatchRecord::Delete {
                file,
                ids: ids.clone(),
                by,
            };
            submission.record(record)?;
            ids
        }
    };
    let (mut deleted, mut gone) = (Vec::new(), Vec::new());
    for id in ids {
        let was_there = client.delete(&id).map_err(BatchError::plain)?;
        crash::point();
        if was_there { &mut deleted } else { &mut gone }.push(id);
    }
    submission.record(BatchRecord::Deleted { file: part.file })?;
    Ok(Some(Cleared::Deleted { deleted, gone }))
}

/// What an engine keeps of a file of requests, as far as it is on record here.
fn known(engine: Engine, part: &Part) -> Vec<String> {
    let batch = part.batch.iter().filter(|_| engine == Engine::Anthropic);
    part.input.iter().chain(batch).cloned().collect()
}

/// What an engine shows of what it keeps of a file of requests. Where it shows the batch, the key is the right one, and what
/// is not there then is gone.
fn kept(client: &mut BatchClient, part: &Part) -> Result<Shown, BatchError> {
    let mut ids = known(client.engine(), part);
    let Some(batch) = &part.batch else {
        for id in &ids {
            if client.shows(id)? {
                return Ok(Shown::Some(ids));
            }
        }
        return Ok(Shown::None);
    };
    let told = match client.look(batch) {
        Ok(told) => told,
        Err(BatchError::Absent(_)) => return Ok(Shown::None),
        Err(error) => return Err(error),
    };
    if !told.ended && !matches!(part.stage, PartStage::Home(_)) {
        return Ok(Shown::Runs(told.status));
    }
    if client.engine() == Engine::OpenAi {
        for id in told.input.into_iter().chain(told.results) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    Ok(Shown::Some(ids))
}
