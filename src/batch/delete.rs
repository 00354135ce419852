use super::{Kept, PartStage, Submission};
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
}

/// Has an engine delete what it keeps of a batch that is home, or was given up on: uploaded requests and results. `None`
/// where it keeps nothing that we know of, or its results are not home.
///
/// What is about to be deleted is on record before. It can be cut off anywhere and done again: what is gone is gone.
pub fn delete(
    submission: &mut Submission,
    index: usize,
    client: &mut BatchClient,
    by: &str,
) -> Result<Option<Cleared>, Failure> {
    let part = submission.parts[index].clone();
    if !part.is_litter() {
        return Ok(None);
    }
    let ids = match &part.kept {
        Kept::Deleted => return Ok(None),
        Kept::Going(ids) => ids.clone(),
        Kept::Still => {
            let ids = match kept(client, part.input, part.batch, &part.stage).map_err(BatchError::plain)? {
                Ok(ids) => ids,
                Err(status) => return Ok(Some(Cleared::Runs(status))),
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

/// The ids of what an engine keeps, or its word for a batch that still runs.
fn kept(
    client: &mut BatchClient,
    input: Option<String>,
    batch: Option<String>,
    stage: &PartStage,
) -> Result<Result<Vec<String>, String>, BatchError> {
    let mut ids: Vec<String> = input.into_iter().collect();
    let Some(batch) = batch else {
        return Ok(Ok(ids));
    };
    let told = match client.look(&batch) {
        Ok(told) => told,
        // Nobody deletes OpenAI's batches themselves: where one is not there, it is another account that is asked.
        Err(BatchError::Absent(_)) if client.engine() == Engine::Anthropic => return Ok(Ok(vec![batch])),
        Err(error) => return Err(error),
    };
    if !told.ended && !matches!(stage, PartStage::Home(_)) {
        return Ok(Err(told.status));
    }
    match client.engine() {
        Engine::Anthropic => ids.push(batch),
        Engine::OpenAi => {
            ids.extend(told.input);
            ids.extend(told.results);
        }
    }
    let mut once = Vec::new();
    for id in ids {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    Ok(Ok(once))
}
