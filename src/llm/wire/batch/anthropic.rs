//! Anthropic's message batches.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Counts, Outcome, Page, Told};
use crate::llm::wire::{Dialect, Malformed, ServerError};

#[derive(Deserialize)]
struct Batch {
    id: String,
    processing_status: String,
    request_counts: Option<RequestCounts>,
    created_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct RequestCounts {
    processing: u64,
    succeeded: u64,
    errored: u64,
    canceled: u64,
    expired: u64,
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
    result: Ended<'a>,
}

#[derive(Deserialize)]
struct Ended<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    error: Option<Value>,
}

impl From<Batch> for Told {
    fn from(batch: Batch) -> Self {
        let counts = batch.request_counts.unwrap_or_default();
        let failed = counts.errored + counts.canceled + counts.expired;
        let created = batch.created_at.and_then(|at| at.parse::<jiff::Timestamp>().ok());
        Self {
            ended: batch.processing_status == "ended",
            id: batch.id,
            status: batch.processing_status,
            counts: Counts {
                total: counts.processing + counts.succeeded + failed,
                succeeded: counts.succeeded,
                failed,
            },
            created: created.map(jiff::Timestamp::as_second),
            ..Self::default()
        }
    }
}

pub(super) fn read(body: &[u8]) -> Result<Told, Malformed> {
    parsed::<Batch>(body).map(Told::from)
}

pub(super) fn read_page(body: &[u8]) -> Result<Page, Malformed> {
    let list: List = parsed(body)?;
    let batches: Vec<Told> = list.data.into_iter().map(Told::from).collect();
    Ok(Page {
        next: list
            .last_id
            .filter(|_| list.has_more.unwrap_or(false) && !batches.is_empty()),
        batches,
    })
}

pub(super) fn read_line(line: &[u8]) -> Result<Outcome, Malformed> {
    let result = parsed::<Line<'_>>(line)?.result;
    match result.kind.as_str() {
        "succeeded" => {
            let message = result.message.map_or("", RawValue::get);
            Outcome::of(Dialect::Messages, message, None)
        }
        "errored" => {
            let error = result.error.unwrap_or_default();
            Ok(Outcome::Refused(
                ServerError::from_body(&error).unwrap_or_default(),
            ))
        }
        "expired" => Ok(Outcome::Expired),
        "canceled" => Ok(Outcome::Cancelled),
        other => Err(Malformed(format!("its result is of the unknown type `{other}`"))),
    }
}

fn parsed<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Malformed> {
    serde_json::from_slice(body).map_err(|error| Malformed(error.to_string()))
}

#[cfg(test)]
#[path = "anthropic_tests.rs"]
mod tests;
