use std::path::PathBuf;

use http::Method;
use serde_json::{Value, json};

use super::batch::{Batch, Status};
use super::requests::write_down;
use super::run::Run;
use crate::mock::Batching;
use crate::mock::server::batch::ids::id;
use crate::mock::server::batch::refusal::Refusal;
use crate::mock::server::batch::shelf::{Cursor, Shelf};
use crate::mock::server::batch::{Answer, Call, Response};

/// How many batches are kept.
const MOST_BATCHES: usize = 1_000;

/// Anthropic's message batches.
#[derive(Debug)]
pub(crate) struct MessageBatches {
    settings: Batching,
    folder: PathBuf,
    batches: Shelf<Batch>,
    made: u64,
}

impl MessageBatches {
    /// An engine without a batch, which keeps requests and results in `folder`.
    pub(crate) fn new(settings: Batching, folder: PathBuf) -> Self {
        Self {
            settings,
            folder,
            batches: Shelf::new(MOST_BATCHES),
            made: 0,
        }
    }

    /// Answers a request, with the parts of its path behind that of all batches.
    ///
    /// # Errors
    ///
    /// Where it is refused.
    pub(crate) fn handle(
        &mut self,
        call: &Call<'_>,
        path: &[&str],
        answer: &mut Answer<'_>,
    ) -> Result<Response, Refusal> {
        match (call.method, path) {
            (&Method::POST, []) => self.create(call),
            (&Method::GET, []) => self.list(call),
            (&Method::GET, [id]) => self.look(call, id, answer),
            (&Method::DELETE, [id]) => self.delete(id),
            (&Method::POST, [id, "cancel"]) => self.cancel(call, id),
            (&Method::GET, [id, "results"]) => self.results(id),
            (_, [] | [_] | [_, "cancel" | "results"]) => Err(Refusal::method()),
            _ => Err(Refusal::new(404, "Not found")),
        }
    }

    /// Forgets everything.
    pub(crate) fn reset(&mut self) {
        for batch in self.batches.clear() {
            batch.discard(&self.folder);
        }
        self.made = 0;
    }

    fn create(&mut self, call: &Call<'_>) -> Result<Response, Refusal> {
        if let Some(message) = &self.settings.fail {
            return Err(Refusal::new(400, message.clone()));
        }
        let id = id("msgbatch_01", 22, self.made + 1);
        let work = write_down(&call.body, Batch::input(&id, &self.folder))?;
        self.made += 1;
        let batch = Batch::new(id.clone(), work, call.now);
        let response = Response::json(200, &batch.to_json(call.base));
        if let Some(gone) = self.batches.add(id, batch, Batch::ended) {
            gone.discard(&self.folder);
        }
        Ok(response)
    }

    fn list(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        let limit = call.limit(20, 1_000)?;
        let cursor = match (call.parameter("after_id"), call.parameter("before_id")) {
            (None, None) => Cursor::Start,
            (Some(id), None) => Cursor::After(id),
            (None, Some(id)) => Cursor::Before(id),
            (Some(_), Some(_)) => {
                return Err(Refusal::new(
                    400,
                    "Only one of before_id and after_id can be given",
                ));
            }
        };
        let page = self.batches.page(&cursor, limit, true, |_| true);
        let page = page.ok_or_else(|| Refusal::new(400, "Invalid cursor: no such message batch"))?;
        let data: Vec<Value> = page.items.iter().map(|batch| batch.to_json(call.base)).collect();
        let list = json!({
            "data": data,
            "has_more": page.more,
            "first_id": page.items.first().map(|batch| &batch.id),
            "last_id": page.items.last().map(|batch| &batch.id),
        });
        Ok(Response::json(200, &list))
    }

    fn look(&mut self, call: &Call<'_>, id: &str, answer: &mut Answer<'_>) -> Result<Response, Refusal> {
        let batch = self.batches.get_mut(id).ok_or_else(|| unknown(id))?;
        let run = Run {
            settings: &self.settings,
            folder: &self.folder,
            now: call.now,
        };
        run.look(batch, answer)?;
        Ok(Response::json(200, &batch.to_json(call.base)))
    }

    fn cancel(&mut self, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
        let batch = self.batches.get_mut(id).ok_or_else(|| unknown(id))?;
        match batch.status {
            Status::Ended => {
                let message = format!("Batch {id} cannot be canceled: its processing has ended");
                return Err(Refusal::new(400, message));
            }
            Status::Canceling => {}
            Status::InProgress => {
                batch.status = Status::Canceling;
                batch.cancel_initiated_at = Some(call.now);
            }
        }
        Ok(Response::json(200, &batch.to_json(call.base)))
    }

    fn results(&self, id: &str) -> Result<Response, Refusal> {
        let batch = self.batches.get(id).ok_or_else(|| unknown(id))?;
        if !batch.ended() {
            let message = format!("Batch {id} has no available results: its processing has not ended");
            return Err(Refusal::new(404, message));
        }
        Ok(Response::file(
            &batch.results(&self.folder),
            "application/x-jsonl",
        )?)
    }

    fn delete(&mut self, id: &str) -> Result<Response, Refusal> {
        let batch = self.batches.get(id).ok_or_else(|| unknown(id))?;
        if !batch.ended() {
            let message = format!("Batch {id} cannot be deleted before its processing has ended");
            return Err(Refusal::new(400, message));
        }
        batch.discard(&self.folder);
        self.batches.remove(id);
        Ok(Response::json(
            200,
            &json!({"id": id, "type": "message_batch_deleted"}),
        ))
    }
}

fn unknown(id: &str) -> Refusal {
    Refusal::new(404, format!("Message batch {id} not found"))
}
