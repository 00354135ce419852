use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::batch::{Batch, Status};
use super::requests::Request;
use crate::mock::Batching;
use crate::mock::server::batch::Answer;
use crate::mock::server::batch::flat::flat;
use crate::mock::server::batch::lines::{Sheet, discard, put_in_order};

/// The path of the requests that a batch is made of.
const MESSAGES: &str = "/v1/messages";

/// What a batch moves on with.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) settings: &'a Batching,
    pub(super) folder: &'a Path,
    /// Seconds since 1970.
    pub(super) now: i64,
}

/// A line of the results.
#[derive(Debug, Serialize)]
struct ResultLine<'a> {
    custom_id: &'a str,
    result: Outcome,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Outcome {
    Succeeded { message: Box<RawValue> },
    Errored { error: Box<RawValue> },
    Canceled,
    Expired,
}

#[derive(Debug, Deserialize)]
struct Params {
    #[serde(default)]
    stream: Option<Value>,
}

impl Run<'_> {
    /// Moves a batch on because it is looked at.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read or written.
    pub(super) fn look(&self, batch: &mut Batch, answer: &mut Answer<'_>) -> io::Result<()> {
        let total = batch.work.total;
        match batch.status {
            Status::Ended => Ok(()),
            Status::Canceling => {
                self.requests(batch, total, None)?;
                self.end(batch)
            }
            Status::InProgress => {
                let polls = self.settings.polls;
                let look = batch.looks + 1;
                let goal = if look > polls {
                    total
                } else {
                    batch.work.goal(look, polls)
                };
                self.requests(batch, goal, Some(answer))?;
                batch.looks = look;
                if look > polls { self.end(batch) } else { Ok(()) }
            }
        }
    }

    /// Does requests until `goal` of them are done; without an answer they are canceled.
    fn requests(
        &self,
        batch: &mut Batch,
        goal: usize,
        mut answer: Option<&mut Answer<'_>>,
    ) -> io::Result<()> {
        let mut sheet = Sheet::new(batch.results(self.folder));
        let counts = &mut batch.counts;
        let done = batch.work.go_on(goal, &mut |line| {
            let request: Request = serde_json::from_slice(line)?;
            let result = match &mut answer {
                None => Outcome::Canceled,
                Some(_) if self.settings.expires(&request.custom_id) => Outcome::Expired,
                Some(answer) => outcome(&request, answer)?,
            };
            let count = match &result {
                Outcome::Succeeded { .. } => &mut counts.succeeded,
                Outcome::Errored { .. } => &mut counts.errored,
                Outcome::Canceled => &mut counts.canceled,
                Outcome::Expired => &mut counts.expired,
            };
            *count += 1;
            sheet.line(&ResultLine {
                custom_id: &request.custom_id,
                result,
            })
        });
        sheet.close()?;
        done
    }

    fn end(&self, batch: &mut Batch) -> io::Result<()> {
        put_in_order(&batch.results(self.folder), self.settings.order)?;
        discard(&batch.work.input);
        batch.status = Status::Ended;
        batch.ended_at = Some(self.now);
        Ok(())
    }
}

fn outcome(request: &Request, answer: &mut Answer<'_>) -> io::Result<Outcome> {
    let params: Params = serde_json::from_str(request.params.get())?;
    if params.stream == Some(Value::Bool(true)) {
        let error = error(
            "invalid_request_error",
            "stream: Streaming is not supported in batches",
        );
        return Ok(Outcome::Errored {
            error: to_raw_value(&error)?,
        });
    }
    let (status, body) = answer(MESSAGES, request.params.get().as_bytes());
    let body = flat(&body)?;
    if (200..300).contains(&status) {
        return Ok(Outcome::Succeeded { message: body });
    }
    let said: Value = serde_json::from_str(body.get())?;
    let error = if said["type"] == "error" && said["error"].is_object() {
        body
    } else {
        // A scenario may answer anything at all; a result has a shape, though.
        let message = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
        to_raw_value(&error("api_error", &message))?
    };
    Ok(Outcome::Errored { error })
}

fn error(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": null})
}
