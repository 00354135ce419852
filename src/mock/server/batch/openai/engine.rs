use std::fs;
use std::path::PathBuf;

use http::Method;

use super::batch::{Batch, Status};
use super::create::Create;
use super::files::Files;
use super::list::list;
use super::run::Run;
use crate::mock::Batching;
use crate::mock::server::batch::ids::id;
use crate::mock::server::batch::lines::discard;
use crate::mock::server::batch::refusal::Refusal;
use crate::mock::server::batch::shelf::{Cursor, Shelf};
use crate::mock::server::batch::{Answer, Call, Response};

/// How many batches are kept.
const MOST_BATCHES: usize = 1_000;

/// OpenAI's files and batches.
#[derive(Debug)]
pub(crate) struct OpenAi {
    settings: Batching,
    folder: PathBuf,
    files: Files,
    batches: Shelf<Batch>,
    made: u64,
    answered: u64,
}

impl OpenAi {
    /// An engine without a file, which keeps contents in `folder`.
    pub(crate) fn new(settings: Batching, folder: PathBuf) -> Self {
        Self {
            settings,
            files: Files::new(folder.clone()),
            folder,
            batches: Shelf::new(MOST_BATCHES),
            made: 0,
            answered: 0,
        }
    }

    /// Answers a request for files, with the parts of its path.
    ///
    /// # Errors
    ///
    /// Where it is refused.
    pub(crate) fn files(&mut self, call: &Call<'_>, path: &[&str]) -> Result<Response, Refusal> {
        self.files.handle(call, path)
    }

    /// Answers a request for batches, with the parts of its path.
    ///
    /// # Errors
    ///
    /// Where it is refused.
    pub(crate) fn batches(
        &mut self,
        call: &Call<'_>,
        path: &[&str],
        answer: &mut Answer<'_>,
    ) -> Result<Response, Refusal> {
        match (call.method, path) {
            (&Method::POST, []) => self.create(call),
            (&Method::GET, []) => self.list(call),
            (&Method::GET, [id]) => self.look(call, id, answer),
            (&Method::POST, [id, "cancel"]) => self.cancel(call, id),
            (_, [] | [_] | [_, "cancel"]) => Err(Refusal::method()),
            _ => Err(Refusal::new(
                404,
                format!("Invalid URL ({} {})", call.method, call.path),
            )),
        }
    }

    /// Forgets everything.
    pub(crate) fn reset(&mut self) {
        for batch in self.batches.clear() {
            batch.discard(&self.folder);
        }
        self.files.reset();
        (self.made, self.answered) = (0, 0);
    }

    fn create(&mut self, call: &Call<'_>) -> Result<Response, Refusal> {
        let create = Create::read(&call.body)?;
        let file = self.files.get(&create.input_file_id)?;
        if file.purpose != "batch" {
            let message = format!(
                "Invalid input file: expected a file with purpose 'batch', but the purpose of '{}' is '{}'.",
                file.id, file.purpose
            );
            return Err(Refusal::new(400, message).param("input_file_id"));
        }
        self.made += 1;
        let id = id("batch_", 32, self.made);
        let batch = Batch::new(id.clone(), create, call.now, &self.folder);
        // The batch has its input for itself: the file may be deleted.
        fs::hard_link(self.folder.join(&file.id), &batch.work.input)?;
        let response = Response::json(200, &batch.to_json());
        if let Some(gone) = self.batches.add(id, batch, |batch| batch.status.ended()) {
            gone.discard(&self.folder);
        }
        Ok(response)
    }

    fn list(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        let limit = call.limit(20, 100)?;
        let after = call.parameter("after");
        let cursor = after.clone().map_or(Cursor::Start, Cursor::After);
        let page = self.batches.page(&cursor, limit, true, |_| true);
        let page = page.ok_or_else(|| unknown(&after.unwrap_or_default()))?;
        let data: Vec<_> = page.items.into_iter().map(Batch::to_json).collect();
        Ok(Response::json(200, &list(&data, page.more)))
    }

    fn look(&mut self, call: &Call<'_>, id: &str, answer: &mut Answer<'_>) -> Result<Response, Refusal> {
        let batch = self.batches.get_mut(id).ok_or_else(|| unknown(id))?;
        let mut run = Run {
            settings: &self.settings,
            folder: &self.folder,
            files: &mut self.files,
            answered: &mut self.answered,
            now: call.now,
        };
        run.look(batch, answer)?;
        if batch.status.ended() {
            discard(&batch.work.input);
        }
        Ok(Response::json(200, &batch.to_json()))
    }

    fn cancel(&mut self, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
        let batch = self.batches.get_mut(id).ok_or_else(|| unknown(id))?;
        if batch.status.ended() {
            let message = format!("Cannot cancel a batch with status '{}'.", batch.status.word());
            return Err(Refusal::new(409, message));
        }
        if batch.status != Status::Cancelling {
            batch.status = Status::Cancelling;
            batch.times.cancelling = Some(call.now);
        }
        Ok(Response::json(200, &batch.to_json()))
    }
}

fn unknown(id: &str) -> Refusal {
    Refusal::new(404, format!("No batch found with id '{id}'."))
}
