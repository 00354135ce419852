use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};

use super::dock::silent;
use super::submit::batch_mark;
use super::{PartStage, Submission};
use crate::llm::client::{BatchClient, BatchError};
use crate::llm::wire::batch::{Engine, Told};
use crate::state::BatchRecord;
use crate::words::Failure;

/// Seconds that the clock of a server may be behind ours.
const SKEW: i64 = 900;

/// The longest line that is looked at for its id: the id stands at its beginning or end.
const LINE: u64 = 64 << 20;

/// What a search for a batch came to, the answer to whose making was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Searched {
    /// It was made; its id is on record now.
    Found(String),
    /// These batches may be it: the engine tells whose they are only when they have ended.
    Perhaps(Vec<String>),
    /// The engine has none that could be it.
    Nothing,
}

/// Looks for a batch among those that the engine has; `known` are the ids of all others that we made.
///
/// At OpenAI's engine it is known by what was written on it, or by the file that it is made of. At Anthropic's nothing can
/// be written on a batch: it is known by the ids of its requests, which are in its results.
pub fn search(
    submission: &mut Submission,
    index: usize,
    client: &mut BatchClient,
    known: &[String],
) -> Result<Searched, Failure> {
    let part = submission.parts[index].clone();
    let PartStage::Asked { input, at } = part.stage else {
        return Ok(Searched::Nothing);
    };
    let mark = batch_mark(&submission.mark, &part.file);
    let mut perhaps = Vec::new();
    let mut after = None;
    loop {
        let page = client.page(after.as_deref()).map_err(plain)?;
        for told in &page.batches {
            let is_it = match client.engine() {
                Engine::OpenAi => {
                    let same_file = input.is_some() && told.input == input;
                    told.mark.as_deref() == Some(mark.as_str()) || same_file
                }
                Engine::Anthropic => {
                    let could_be = told.created.is_none_or(|created| created >= at - SKEW)
                        && told.counts.total == part.requests as u64
                        && !known.contains(&told.id);
                    if could_be && !told.ended {
                        perhaps.push(told.id.clone());
                    }
                    could_be && told.ended && has_our_ids(submission, client, told)?
                }
            };
            if is_it {
                let (file, id) = (part.file.clone(), told.id.clone());
                submission.record(BatchRecord::Created { file, id: id.clone() })?;
                return Ok(Searched::Found(id));
            }
        }
        // The newest come first: whatever is older than the request cannot be its batch.
        let older = |told: &Told| told.created.is_some_and(|created| created < at - SKEW);
        let past = page.batches.last().is_some_and(older);
        match page.next {
            Some(next) if !past && after.as_deref() != Some(&*next) => after = Some(next),
            _ => break,
        }
    }
    Ok(match perhaps.is_empty() {
        true => Searched::Nothing,
        false => Searched::Perhaps(perhaps),
    })
}

/// Whether the results of a batch are of our requests.
fn has_our_ids(submission: &Submission, client: &mut BatchClient, told: &Told) -> Result<bool, Failure> {
    let path = submission.folder.join("looked-at.jsonl");
    let limit = client.reply_limit().saturating_mul(told.counts.total.max(1));
    client
        .results(told, limit, &mut |_| {
            let file = File::create(&path).map_err(|error| Failure::io("write", &path, &error))?;
            Ok((path.clone(), file))
        })
        .map_err(plain)?;
    let failed = |error: std::io::Error| Failure::io("read", &path, &error);
    let mut line = Vec::new();
    let file = File::open(&path).map_err(failed)?;
    BufReader::new(file)
        .take(LINE)
        .read_until(b'\n', &mut line)
        .map_err(failed)?;
    // It is looked at once.
    let _ = std::fs::remove_file(&path);
    let id = client.engine().read_id(&line).ok();
    Ok(id.is_some_and(|id| submission.manifest.find(&id).is_some()))
}

fn plain(error: BatchError) -> Failure {
    match error {
        BatchError::Refused(failure) | BatchError::Unknown(failure) => failure,
        BatchError::Interrupted(signal) => silent(signal),
    }
}
