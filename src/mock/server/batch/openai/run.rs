use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::batch::{Batch, Status, Usage};
use super::create::answered;
use super::files::Files;
use super::input::{check, read, whole};
use crate::mock::Batching;
use crate::mock::server::batch::Answer;
use crate::mock::server::batch::flat::flat;
use crate::mock::server::batch::ids::id;
use crate::mock::server::batch::lines::{Sheet, put_in_order};

/// What a batch moves on with.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) settings: &'a Batching,
    pub(super) folder: &'a Path,
    pub(super) files: &'a mut Files,
    /// How many lines of results there are so far, of all batches.
    pub(super) answered: &'a mut u64,
    /// Seconds since 1970.
    pub(super) now: i64,
}

/// A line of a result file.
#[derive(Debug, Serialize)]
struct ResultLine<'a> {
    id: String,
    custom_id: &'a str,
    response: Option<Answered>,
    error: Option<Unanswered>,
}

#[derive(Debug, Serialize)]
struct Answered {
    status_code: u16,
    request_id: String,
    body: Box<RawValue>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Unanswered {
    code: &'static str,
    message: &'static str,
}

const EXPIRED: Unanswered = Unanswered {
    code: "batch_expired",
    message: "This request could not be executed before the completion window expired.",
};

const CANCELLED: Unanswered = Unanswered {
    code: "batch_cancelled",
    message: "The batch was cancelled before this request was executed.",
};

/// The tokens of an answer, in the words of either API.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tokens {
    #[serde(alias = "prompt_tokens")]
    input_tokens: u64,
    #[serde(alias = "completion_tokens")]
    output_tokens: u64,
    #[serde(alias = "prompt_tokens_details")]
    input_tokens_details: Option<Details>,
    #[serde(alias = "completion_tokens_details")]
    output_tokens_details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: u64,
    reasoning_tokens: u64,
}

#[derive(Debug, Deserialize)]
struct Told {
    #[serde(default)]
    usage: Option<Tokens>,
}

impl Run<'_> {
    /// Moves a batch on because it is looked at.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read or written.
    pub(super) fn look(&mut self, batch: &mut Batch, answer: &mut Answer<'_>) -> io::Result<()> {
        if batch.status == Status::Validating {
            self.validate(batch)?;
        }
        match batch.status {
            Status::InProgress => self.go_on(batch, answer),
            Status::Finalizing => self.finish(batch),
            Status::Cancelling => self.cancel(batch),
            Status::Validating | Status::Failed | Status::Completed | Status::Expired | Status::Cancelled => {
                Ok(())
            }
        }
    }

    fn validate(&self, batch: &mut Batch) -> io::Result<()> {
        let checked = match &self.settings.fail {
            Some(message) => Err(vec![whole("invalid_request", message.clone())]),
            None => check(&batch.work.input, &batch.endpoint)?,
        };
        match checked {
            Ok(accepted) => {
                batch.work.total = accepted.requests;
                batch.model = accepted.model;
                batch.status = Status::InProgress;
                batch.times.in_progress = Some(self.now);
            }
            Err(errors) => {
                batch.errors = errors;
                batch.status = Status::Failed;
                batch.times.failed = Some(self.now);
            }
        }
        Ok(())
    }

    fn go_on(&mut self, batch: &mut Batch, answer: &mut Answer<'_>) -> io::Result<()> {
        let polls = self.settings.polls;
        let look = batch.looks + 1;
        // The last of several looks sees the batch being finalized, and nothing is answered any more.
        let working = if polls > 1 { polls - 1 } else { polls };
        let goal = if look > working {
            batch.work.total
        } else {
            batch.work.goal(look, working)
        };
        self.requests(batch, goal, Some(answer))?;
        batch.looks = look;
        if look > working {
            batch.status = Status::Finalizing;
            batch.times.finalizing = Some(self.now);
        }
        if look > polls { self.finish(batch) } else { Ok(()) }
    }

    fn cancel(&mut self, batch: &mut Batch) -> io::Result<()> {
        let total = batch.work.total;
        self.requests(batch, total, None)?;
        self.publish(batch)?;
        batch.status = Status::Cancelled;
        batch.times.cancelled = Some(self.now);
        Ok(())
    }

    fn finish(&mut self, batch: &mut Batch) -> io::Result<()> {
        self.publish(batch)?;
        if batch.expired > 0 {
            batch.status = Status::Expired;
            batch.times.expired = Some(self.now);
        } else {
            batch.status = Status::Completed;
            batch.times.completed = Some(self.now);
        }
        Ok(())
    }

    /// Does requests until `goal` of them are done; without an answer they are cancelled.
    fn requests(
        &mut self,
        batch: &mut Batch,
        goal: usize,
        mut answer: Option<&mut Answer<'_>>,
    ) -> io::Result<()> {
        let endpoint = answered(&batch.endpoint).unwrap_or(&batch.endpoint).to_owned();
        let mut output = Sheet::new(batch.output(self.folder));
        let mut failures = Sheet::new(batch.failures(self.folder));
        let done = batch.work.go_on(goal, &mut |line| {
            let (request, _) = read(line).map_err(|error| io::Error::other(error.message))?;
            let outcome = match &mut answer {
                None => Err(CANCELLED),
                Some(_) if self.settings.expires(&request.custom_id) => Err(EXPIRED),
                Some(_) if request.stream => Ok(no_stream()),
                Some(answer) => Ok(answer(&endpoint, request.body)),
            };
            *self.answered += 1;
            let number = *self.answered;
            let mut result = ResultLine {
                id: id("batch_req_", 32, number),
                custom_id: &request.custom_id,
                response: None,
                error: None,
            };
            let sheet = match outcome {
                Ok((status_code, body)) => {
                    result.response = Some(Answered {
                        status_code,
                        request_id: id("", 32, number),
                        body: flat(&body)?,
                    });
                    let good = (200..300).contains(&status_code);
                    if good {
                        batch.succeeded += 1;
                        count(&body, &mut batch.usage);
                    } else {
                        batch.failed += 1;
                    }
                    if good { &mut output } else { &mut failures }
                }
                Err(error) => {
                    batch.expired += usize::from(error.code == EXPIRED.code);
                    result.error = Some(error);
                    &mut failures
                }
            };
            sheet.line(&result)
        });
        output.close()?;
        failures.close()?;
        done
    }

    /// Makes files of the results, of those that there are.
    fn publish(&mut self, batch: &mut Batch) -> io::Result<()> {
        let mut file = |path: &Path, what: &str| {
            if !path.exists() {
                return Ok(None);
            }
            put_in_order(path, self.settings.order)?;
            let name = format!("{}_{what}.jsonl", batch.id);
            let seconds = batch.output_expires_after;
            self.files.adopt(path, name, self.now, seconds).map(Some)
        };
        let output = file(&batch.output(self.folder), "output")?;
        let failures = file(&batch.failures(self.folder), "error")?;
        batch.output_file_id = output;
        batch.error_file_id = failures;
        Ok(())
    }
}

fn count(body: &[u8], usage: &mut Usage) {
    let told = serde_json::from_slice::<Told>(body).ok();
    if let Some(tokens) = told.and_then(|told| told.usage) {
        usage.input += tokens.input_tokens;
        usage.output += tokens.output_tokens;
        usage.cached += tokens.input_tokens_details.unwrap_or_default().cached_tokens;
        usage.reasoning += tokens.output_tokens_details.unwrap_or_default().reasoning_tokens;
    }
}

/// What a request for a stream gets, unasked.
fn no_stream() -> (u16, Vec<u8>) {
    let error = json!({
        "message": "Streaming is not supported on the Batch API.",
        "type": "invalid_request_error",
        "param": "stream",
        "code": "unsupported_parameter",
    });
    (400, json!({"error": error}).to_string().into_bytes())
}
