//! The requests of a new batch: checked as Anthropic checks them at once, and written down a line each.

use std::collections::HashSet;
use std::path::PathBuf;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::mock::server::batch::flat::flat;
use crate::mock::server::batch::lines::{Sheet, Work, discard};
use crate::mock::server::batch::refusal::Refusal;

/// Anthropic's limit of requests in a batch.
const MOST_REQUESTS: usize = 100_000;

/// Anthropic's limit of bytes in a batch.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// The body of the request. Fields that are not known are skipped.
#[derive(Debug, Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    requests: Option<&'a RawValue>,
}

/// A request as it is sent.
#[derive(Debug, Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    custom_id: Option<&'a RawValue>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

/// A request as it is written down.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) custom_id: String,
    pub(super) params: Box<RawValue>,
}

/// Writes down the requests of a body at this path.
///
/// # Errors
///
/// Where Anthropic would refuse them, or the file cannot be written: then there is none.
pub(super) fn write_down(body: &Bytes, path: PathBuf) -> Result<Work, Refusal> {
    if body.len() > MOST_BYTES {
        let message = format!("Request exceeds the maximum size of {MOST_BYTES} bytes");
        return Err(Refusal::new(413, message));
    }
    let written = write(body, Sheet::new(path.clone()));
    match written {
        Ok(total) => Ok(Work::new(path, total)),
        Err(refusal) => {
            discard(&path);
            Err(refusal)
        }
    }
}

fn write(body: &[u8], mut sheet: Sheet) -> Result<usize, Refusal> {
    let not_json = |error| invalid(format!("The request body is not valid JSON: {error}"));
    // A list of one would be taken for the one field.
    if body.trim_ascii_start().first() != Some(&b'{') {
        serde_json::from_slice::<&RawValue>(body).map_err(not_json)?;
        return Err(invalid("Input should be an object"));
    }
    let body: Body<'_> = serde_json::from_slice(body).map_err(not_json)?;
    let requests = body.requests.ok_or_else(|| invalid("requests: Field required"))?;
    let requests: Vec<&RawValue> = serde_json::from_str(requests.get())
        .map_err(|_| invalid("requests: Input should be a valid list"))?;
    let count = requests.len();
    if !(1..=MOST_REQUESTS).contains(&count) {
        let (bound, number) = if count == 0 {
            ("at least", 1)
        } else {
            ("at most", MOST_REQUESTS)
        };
        return Err(invalid(format!(
            "requests: List should have {bound} {number} item{} after validation, not {count}",
            if number == 1 { "" } else { "s" }
        )));
    }
    let mut seen = HashSet::new();
    for (index, request) in requests.into_iter().enumerate() {
        let request = read(request, index)?;
        if seen.contains(&request.custom_id) {
            let id = &request.custom_id;
            return Err(invalid(format!(
                "requests.{index}.custom_id: Duplicate custom_id '{id}'"
            )));
        }
        sheet.line(&request)?;
        seen.insert(request.custom_id);
    }
    sheet.close()?;
    Ok(count)
}

fn read(request: &RawValue, index: usize) -> Result<Request, Refusal> {
    let at = |message: &str| invalid(format!("requests.{index}{message}"));
    if !request.get().starts_with('{') {
        return Err(at(": Input should be an object"));
    }
    let item: Item<'_> = serde_json::from_str(request.get()).map_err(|error| at(&format!(": {error}")))?;
    let custom_id = item.custom_id.ok_or_else(|| at(".custom_id: Field required"))?;
    let custom_id: String = serde_json::from_str(custom_id.get())
        .map_err(|_| at(".custom_id: Input should be a valid string"))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !(1..=64).contains(&custom_id.len()) || !custom_id.bytes().all(plain) {
        return Err(at(
            ".custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
        ));
    }
    let params = item.params.ok_or_else(|| at(".params: Field required"))?;
    if !params.get().starts_with('{') {
        return Err(at(".params: Input should be an object"));
    }
    let params = flat(params.get().as_bytes()).map_err(|error| at(&format!(".params: {error}")))?;
    Ok(Request { custom_id, params })
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, message)
}
