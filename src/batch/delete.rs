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
    /// None of these.
    None(Vec<String>),
    /// A batch that still runs, in the engine's word.
    Runs(String),
}

/// Has an engine delete what it keeps of a batch that is home, or was given up on: uploaded requests and results. `None`
/// where it keeps nothing that we know of, or its results are not home.
///
/// What is about to be deleted is on record before. It can be cut off anywhere and done again: what is gone is gone. An engine
/// that shows none of it is believed only where somebody vouches with `gone` that nothing is there any more.
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
            let ids = match kept(client, &part).map_err(BatchError::plain)? {
                Shown::Some(ids) => ids,
                Shown::None(ids) if gone => ids,
                Shown::None(_) => return Ok(Some(Cleared::Hidden)),
                Shown::Runs(status) => return Ok(Some(Cleared::Runs(status))),
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

/// What an engine shows of what it keeps of a file of requests.
fn kept(client: &mut BatchClient, part: &Part) -> Result<Shown, BatchError> {
    let mut ids: Vec<String> = part.input.iter().cloned().collect();
    let mut shown = false;
    if let Some(batch) = &part.batch {
        let told = match client.look(batch) {
            Ok(told) => told,
            Err(BatchError::Absent(_)) => {
                if client.engine() == Engine::Anthropic {
                    ids.push(batch.clone());
                }
                return Ok(Shown::None(ids));
            }
            Err(error) => return Err(error),
        };
        if !told.ended && !matches!(part.stage, PartStage::Home(_)) {
            return Ok(Shown::Runs(told.status));
        }
        match client.engine() {
            Engine::Anthropic => {
                shown = true;
                ids.push(batch.clone());
            }
            Engine::OpenAi => {
                ids.extend(told.input);
                ids.extend(told.results);
            }
        }
    }
    let mut once = Vec::new();
    for id in ids {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    for id in &once {
        shown = shown || client.shows(id)?;
    }
    Ok(match shown {
        true => Shown::Some(once),
        false => Shown::None(once),
    })
}
