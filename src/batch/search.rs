use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};

use super::submit::batch_mark;
use super::{Known, Part, PartStage, Submission};
use crate::llm::client::{BatchClient, BatchError};
use crate::llm::wire::batch::{Engine, Told};
use crate::state::BatchRecord;
use crate::words::{Exit, Failure};

/// Seconds that the clock of a server may be behind ours. It is a day: the time zone of one of the two may be wrong.
const SKEW: i64 = 24 * 60 * 60;

/// The longest line that is looked at for its id: the id stands at its beginning or end.
const LINE: u64 = 64 << 20;

/// What a search for a batch came to, the answer to whose making was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Searched {
    /// It was made; its id is on record now.
    Found(String),
    /// These batches may be it: the engine tells whose they are only when they have ended.
    Perhaps(Vec<String>),
    /// The engine has none that could be it, and was asked for it so shortly ago that it may still come.
    Unseen,
    /// The engine has none that could be it.
    Nothing,
}

/// Where is looked for a batch.
struct Place<'a> {
    submission: &'a Submission,
    part: &'a Part,
    client: &'a mut BatchClient,
    known: &'a mut Known,
}

/// Looks for a batch among those that the engine has; `known` are all others that are on record.
///
/// At OpenAI's engine it is known by what was written on it, or by the file that it is made of. At Anthropic's nothing can
/// be written on a batch: it is known by the ids of its requests, which are in its results.
pub fn search(
    submission: &mut Submission,
    index: usize,
    client: &mut BatchClient,
    known: &mut Known,
) -> Result<Searched, Failure> {
    let part = submission.parts[index].clone();
    let PartStage::Asked { at, .. } = part.stage else {
        return Ok(Searched::Nothing);
    };
    let mut place = Place {
        submission,
        part: &part,
        client,
        known,
    };
    let mut perhaps = Vec::new();
    let mut after = None;
    loop {
        let page = place.client.page(after.as_deref()).map_err(BatchError::plain)?;
        for told in &page.batches {
            match place.is_it(told, at)? {
                Some(true) => {
                    place.client.check(told).map_err(BatchError::plain)?;
                    let (file, id) = (part.file.clone(), told.id.clone());
                    known.add(&submission.agreement.url, &id);
                    submission.record(BatchRecord::Created { file, id: id.clone() })?;
                    return Ok(Searched::Found(id));
                }
                Some(false) => {}
                None => perhaps.push(told.id.clone()),
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
    Ok(match (perhaps.is_empty(), part.stage.is_fresh()) {
        (false, _) => Searched::Perhaps(perhaps),
        (true, true) => Searched::Unseen,
        (true, false) => Searched::Nothing,
    })
}

impl Place<'_> {
    /// Whether a batch is the one that is looked for; `None` where that is not known yet.
    fn is_it(&mut self, told: &Told, at: i64) -> Result<Option<bool>, Failure> {
        match self.client.engine() {
            Engine::OpenAi => {
                let mark = batch_mark(&self.submission.mark, &self.part.file);
                let same_file = match &self.part.stage {
                    PartStage::Asked { input, .. } => input.is_some() && told.input == *input,
                    _ => false,
                };
                Ok(Some(told.mark.as_deref() == Some(mark.as_str()) || same_file))
            }
            Engine::Anthropic => {
                let could_be = told.created.is_none_or(|created| created >= at - SKEW)
                    && told.counts.total == self.part.requests as u64
                    && !self.known.has(&self.submission.agreement.url, &told.id)
                    // An id that is none has no address that its results could be had at.
                    && self.client.check(told).is_ok();
                match (could_be, told.ended) {
                    (false, _) => Ok(Some(false)),
                    (true, false) => Ok(None),
                    (true, true) => self.is_ours(told),
                }
            }
        }
    }

    /// Whether the results of a batch are of the requests of this file; `None` where it has none now.
    fn is_ours(&mut self, told: &Told) -> Result<Option<bool>, Failure> {
        let url = &self.submission.agreement.url;
        if self.known.request_of(url, &told.id).is_none() {
            let Some(id) = self.some_request(told)? else {
                return Ok(None);
            };
            self.known.looked_at(url, &told.id, &id);
        }
        let found = self.known.request_of(url, &told.id);
        let found = found.and_then(|id| self.submission.manifest.find(id));
        Ok(Some(found.is_some_and(|(_, step)| step.file == self.part.file)))
    }

    /// The id of one request of a batch that has ended, from its results.
    fn some_request(&mut self, told: &Told) -> Result<Option<String>, Failure> {
        let path = self.submission.folder.join("looked-at.jsonl");
        let limit = self.client.reply_limit().saturating_mul(told.counts.total.max(1));
        let written = self.client.results(told, limit, &mut |_| {
            let file = File::create(&path).map_err(|error| Failure::io("write", &path, &error))?;
            Ok((path.clone(), file))
        });
        match written {
            Ok(()) => {}
            // Whose it is, the engine does not tell: another's results may be gone, or not be for us.
            Err(
                BatchError::Refused(failure) | BatchError::Absent(failure) | BatchError::Unsupported(failure),
            ) if failure.exit != Exit::LocalIo => return Ok(None),
            Err(error) => return Err(error.plain()),
        }
        let failed = |error: std::io::Error| Failure::io("read", &path, &error);
        let mut reader = BufReader::new(File::open(&path).map_err(failed)?);
        let mut line = Vec::new();
        let id = loop {
            line.clear();
            let read = reader.by_ref().take(LINE).read_until(b'\n', &mut line);
            if read.map_err(failed)? == 0 {
                break None;
            }
            if let Ok(id) = self.client.engine().read_id(&line) {
                break Some(id);
            }
        };
        // It is looked at once.
        let _ = std::fs::remove_file(&path);
        Ok(id)
    }
}
