//! The input file of a batch: lines of requests, checked as OpenAI checks them before any is answered.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::batch::LineError;

/// OpenAI's limit of requests in a file.
const MOST_REQUESTS: usize = 50_000;

/// OpenAI's limit of bytes in a file.
const MOST_BYTES: u64 = 200 * 1024 * 1024;

/// How many errors are told, so that a file with nothing right in it does not fill the memory.
const MOST_ERRORS: usize = 100;

/// A line of an input file. Fields that are not known are skipped.
#[derive(Debug, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    custom_id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    url: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

/// What of a request is the engine's business.
#[derive(Debug, Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    model: Option<&'a RawValue>,
    #[serde(borrow)]
    stream: Option<&'a RawValue>,
}

/// A request of a file that was checked.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) custom_id: String,
    /// As it stands in the file.
    pub(super) body: &'a [u8],
    /// Whether it asks for a stream, which a batch cannot give.
    pub(super) stream: bool,
    model: String,
}

/// An input file without an error.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) requests: usize,
    pub(super) model: Option<String>,
}

/// Checks a file for a batch of this endpoint: either all is well, or the errors.
///
/// # Errors
///
/// Where the file cannot be read.
pub(super) fn check(path: &Path, endpoint: &str) -> io::Result<Result<Accepted, Vec<LineError>>> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    if bytes > MOST_BYTES {
        let message = format!("The input file has {bytes} bytes. It can have up to {MOST_BYTES}.");
        return Ok(Err(vec![whole("file_too_large", message)]));
    }
    let mut checker = Checker {
        endpoint,
        model: None,
        seen: HashSet::new(),
        requests: 0,
    };
    let mut errors = Vec::new();
    let mut file = BufReader::new(file);
    let mut text = Vec::new();
    let mut number = 0;
    while errors.len() < MOST_ERRORS {
        text.clear();
        if file.read_until(b'\n', &mut text)? == 0 {
            break;
        }
        number += 1;
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if checker.requests == MOST_REQUESTS {
            let message = format!("The input file has more than {MOST_REQUESTS} requests.");
            return Ok(Err(vec![whole("too_many_tasks", message)]));
        }
        checker.requests += 1;
        if let Err(mut error) = checker.line(text) {
            error.line = Some(number);
            errors.push(error);
        }
    }
    if checker.requests == 0 {
        errors.push(whole("empty_file", "The input file has no requests.".to_owned()));
    }
    Ok(if errors.is_empty() {
        Ok(Accepted {
            requests: checker.requests,
            model: checker.model,
        })
    } else {
        Err(errors)
    })
}

/// An error of the whole file.
pub(super) fn whole(code: &'static str, message: String) -> LineError {
    LineError {
        code,
        message,
        param: None,
        line: None,
    }
}

/// Reads a line; no more than that is checked which a line can be checked for by itself.
pub(super) fn read(text: &[u8]) -> Result<(Request<'_>, String), LineError> {
    let not_json = || {
        whole(
            "invalid_json_line",
            "This line is not parseable as valid JSON.".to_owned(),
        )
    };
    // A list of four would be taken for the four fields.
    if text.first() != Some(&b'{') {
        return Err(not_json());
    }
    let line: Line<'_> = serde_json::from_slice(text).map_err(|_| not_json())?;
    let custom_id = string(line.custom_id, "custom_id")?;
    let method = string(line.method, "method")?;
    if method != "POST" {
        let message = format!("Invalid method: '{method}'. The method of a batch request must be 'POST'.");
        return Err(at("invalid_method", message, "method"));
    }
    let url = string(line.url, "url")?;
    let body = line.body.ok_or_else(|| missing("body"))?;
    if !body.get().starts_with('{') {
        return Err(wrong_type("body", "an object"));
    }
    let parsed: Body<'_> = serde_json::from_str(body.get()).map_err(|_| not_json())?;
    let model = string(parsed.model, "body.model")?;
    let request = Request {
        custom_id,
        body: body.get().as_bytes(),
        stream: parsed.stream.is_some_and(|stream| stream.get() == "true"),
        model,
    };
    Ok((request, url))
}

struct Checker<'a> {
    endpoint: &'a str,
    model: Option<String>,
    seen: HashSet<String>,
    requests: usize,
}

impl Checker<'_> {
    fn line(&mut self, text: &[u8]) -> Result<(), LineError> {
        let (request, url) = read(text)?;
        if url != self.endpoint {
            let message = "The URL provided for this request does not match the batch endpoint.";
            return Err(at("invalid_url", message.to_owned(), "url"));
        }
        let model = self.model.get_or_insert_with(|| request.model.clone());
        if *model != request.model {
            let message = format!(
                "The model '{}' is not the model of the requests before it, '{model}'. A batch is for a single model.",
                request.model
            );
            return Err(at("model_mismatch", message, "body.model"));
        }
        if self.seen.contains(&request.custom_id) {
            let message = format!(
                "The custom_id '{}' is that of an earlier request. It must be unique in a batch.",
                request.custom_id
            );
            return Err(at("duplicate_custom_id", message, "custom_id"));
        }
        self.seen.insert(request.custom_id);
        Ok(())
    }
}

fn string(value: Option<&RawValue>, name: &str) -> Result<String, LineError> {
    let value = value.ok_or_else(|| missing(name))?;
    serde_json::from_str(value.get()).map_err(|_| wrong_type(name, "a string"))
}

fn at(code: &'static str, message: String, param: &str) -> LineError {
    LineError {
        param: Some(param.to_owned()),
        ..whole(code, message)
    }
}

fn missing(name: &str) -> LineError {
    at(
        "missing_required_parameter",
        format!("Missing required parameter: '{name}'."),
        name,
    )
}

fn wrong_type(name: &str, expected: &str) -> LineError {
    at(
        "invalid_type",
        format!("Invalid type for '{name}': expected {expected}."),
        name,
    )
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
