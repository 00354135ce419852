//! OpenAI's files and batches.

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::{Counts, Outcome, Page, Told};
use crate::llm::wire::{Dialect, Malformed, ServerError};

/// The key of a batch's metadata that says which of our batches it is.
const MARK: &str = "stepgate";

/// What a batch is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Create<'a> {
    /// The id of the uploaded file.
    pub input: &'a str,
    /// The path that each of its lines names, such as `/v1/chat/completions`.
    pub path: &'a str,
    /// What it is found by, should the answer be lost.
    pub mark: &'a str,
}

impl Create<'_> {
    /// The body of the request.
    pub fn body(&self) -> Vec<u8> {
        json!({
            "input_file_id": self.input,
            "endpoint": self.path,
            "completion_window": "24h",
            "metadata": { MARK: self.mark },
        })
        .to_string()
        .into_bytes()
    }
}

/// The form that a file of requests is uploaded in, but for the file itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The type of the body.
    pub content_type: String,
    /// What stands before the file.
    pub head: Vec<u8>,
    /// What stands behind it.
    pub tail: Vec<u8>,
}

impl Form {
    /// The form for a file of this name. `boundary` must not occur in the file: digits of a digest of it cannot.
    pub fn new(name: &str, boundary: &str) -> Self {
        let head = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: application/jsonl\r\n\r\n"
        );
        Self {
            content_type: format!("multipart/form-data; boundary={boundary}"),
            head: head.into_bytes(),
            tail: format!("\r\n--{boundary}--\r\n").into_bytes(),
        }
    }

    /// The id of the file, from the answer.
    ///
    /// Fails when it has none.
    pub fn read(body: &[u8]) -> Result<String, Malformed> {
        let file: File = parsed(body)?;
        Ok(file.id)
    }
}

#[derive(Deserialize)]
struct File {
    id: String,
}

#[derive(Deserialize)]
struct Batch {
    id: String,
    status: String,
    input_file_id: Option<String>,
    output_file_id: Option<String>,
    error_file_id: Option<String>,
    created_at: Option<i64>,
    request_counts: Option<RequestCounts>,
    /// Whatever the server keeps there: only ours is looked for.
    metadata: Option<serde_json::Value>,
    errors: Option<Errors>,
}

#[derive(Deserialize)]
struct RequestCounts {
    total: Option<u64>,
    completed: Option<u64>,
    failed: Option<u64>,
}

#[derive(Deserialize)]
struct Errors {
    data: Option<Vec<LineError>>,
}

#[derive(Deserialize)]
struct LineError {
    message: Option<String>,
    line: Option<u64>,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Batch>,
    has_more: Option<bool>,
    last_id: Option<String>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    response: Option<Response<'a>>,
    error: Option<Unanswered>,
}

#[derive(Deserialize)]
struct Response<'a> {
    status_code: Option<u16>,
    request_id: Option<String>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Unanswered {
    code: Option<String>,
    message: Option<String>,
}

impl From<Batch> for Told {
    fn from(batch: Batch) -> Self {
        let ends = ["failed", "completed", "expired", "cancelled"];
        let counts = batch.request_counts.map(|counts| Counts {
            total: counts.total.unwrap_or(0),
            succeeded: counts.completed.unwrap_or(0),
            failed: counts.failed.unwrap_or(0),
        });
        let errors = batch.errors.and_then(|errors| errors.data).unwrap_or_default();
        let failure = errors.into_iter().find_map(|error| {
            let message = error.message?;
            Some(match error.line {
                Some(line) => format!("{message} (line {line})"),
                None => message,
            })
        });
        let files = [batch.output_file_id, batch.error_file_id];
        Self {
            ended: ends.contains(&batch.status.as_str()),
            mark: batch
                .metadata
                .and_then(|metadata| Some(metadata.get(MARK)?.as_str()?.to_owned())),
            id: batch.id,
            status: batch.status,
            counts: counts.unwrap_or_default(),
            created: batch.created_at,
            input: batch.input_file_id,
            results: files.into_iter().flatten().filter(|id| !id.is_empty()).collect(),
            failure,
        }
    }
}

pub(super) fn read(body: &[u8]) -> Result<Told, Malformed> {
    parsed::<Batch>(body).map(Told::from)
}

pub(super) fn read_page(body: &[u8]) -> Result<Page, Malformed> {
    let list: List = parsed(body)?;
    let batches: Vec<Told> = list.data.into_iter().map(Told::from).collect();
    let last = list.last_id.or_else(|| Some(batches.last()?.id.clone()));
    Ok(Page {
        next: last.filter(|_| list.has_more.unwrap_or(false) && !batches.is_empty()),
        batches,
    })
}

pub(super) fn read_line(dialect: Dialect, line: &[u8]) -> Result<Outcome, Malformed> {
    let line: Line<'_> = parsed(line)?;
    if let Some(error) = line.error {
        return Ok(match error.code.as_deref() {
            Some("batch_expired") => Outcome::Expired,
            Some("batch_cancelled") => Outcome::Cancelled,
            _ => Outcome::Refused(ServerError {
                message: error.message,
                code: error.code,
                ..ServerError::default()
            }),
        });
    }
    let Some(response) = line.response else {
        return Err(Malformed("it has neither a response nor an error".to_owned()));
    };
    let body = response.body.map_or("", RawValue::get);
    if response
        .status_code
        .is_some_and(|status| !(200..300).contains(&status))
    {
        let mut error = ServerError::parse(body.as_bytes()).unwrap_or_default();
        error.status = error.status.or(response.status_code);
        return Ok(Outcome::Refused(error));
    }
    let request_id = response.request_id.filter(|id| !id.is_empty());
    Outcome::of(dialect, body, request_id)
}

fn parsed<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Malformed> {
    serde_json::from_slice(body).map_err(|error| Malformed(error.to_string()))
}

#[cfg(test)]
#[path = "openai_tests.rs"]
mod tests;
