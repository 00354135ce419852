//! A client of the engines, for their tests.

use std::fs;
use std::io::Read;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, Uri};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Batches, Body, Call};
use crate::mock::Batching;

/// When the first request comes; each one comes a second after the one before it.
pub(super) const START: i64 = 1_700_000_000;

/// Engines in a folder of their own, and all that was asked inside of batches.
pub(super) struct Desk {
    pub(super) batches: Batches,
    pub(super) folder: TempDir,
    /// Path and body.
    pub(super) asked: Vec<(String, String)>,
    number: u64,
}

/// A response, read.
#[derive(Debug, PartialEq)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Got {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// What the lines of the body say, in the given order.
    pub(super) fn lines(&self) -> Vec<Value> {
        self.body
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Desk {
    pub(super) fn new(settings: Batching) -> Self {
        let folder = TempDir::new().unwrap();
        Self {
            batches: Batches::new(settings, folder.path().to_owned()),
            folder,
            asked: Vec::new(),
            number: 0,
        }
    }

    pub(super) fn send(&mut self, method: &Method, target: &str, body: impl Into<Vec<u8>>) -> Got {
        self.send_as(method, target, "application/json", body)
    }

    pub(super) fn send_as(
        &mut self,
        method: &Method,
        target: &str,
        content_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> Got {
        self.number += 1;
        let uri: Uri = target.parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
        let call = Call {
            method,
            path: uri.path(),
            query: uri.query(),
            headers: &headers,
            body: body.into().into(),
            base: "http://127.0.0.1:8080",
            now: START + i64::try_from(self.number).unwrap(),
            number: self.number,
        };
        let asked = &mut self.asked;
        let response = self.batches.handle(&call, &mut |path, body| {
            asked.push((path.to_owned(), String::from_utf8(body.to_vec()).unwrap()));
            answer(body)
        });
        let body = match response.body {
            Body::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            Body::File { mut file, length } => {
                let mut text = String::new();
                file.read_to_string(&mut text).unwrap();
                assert_eq!(u64::try_from(text.len()), Ok(length));
                text
            }
        };
        Got {
            status: response.status,
            headers: response.headers,
            body,
        }
    }

    pub(super) fn get(&mut self, target: &str) -> Got {
        self.send(&Method::GET, target, "")
    }

    pub(super) fn post(&mut self, target: &str, body: &Value) -> Got {
        self.send(&Method::POST, target, body.to_string())
    }

    pub(super) fn delete(&mut self, target: &str) -> Got {
        self.send(&Method::DELETE, target, "")
    }

    /// The names in the folder, sorted.
    pub(super) fn on_disk(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// Says again what was said, on two lines; `busy` gets an error of no provider's shape, `odd` one that is no JSON, and
/// `right` one of Anthropic's.
fn answer(body: &[u8]) -> (u16, Vec<u8>) {
    let body: Value = serde_json::from_slice(body).unwrap();
    let said = body["messages"][0]["content"].as_str().unwrap();
    match said {
        "busy" => (429, json!({"error": {"message": "slow down"}}).to_string().into()),
        "right" => {
            let error = json!({"type": "overloaded_error", "message": "wait"});
            (529, json!({"type": "error", "error": error, "request_id": "req_9"}).to_string().into())
        }
        "odd" => (500, b"oh \"no\"".to_vec()),
        _ => (200, format!("{{\"said\":\"{said}\",\n\"usage\":{{\"prompt_tokens\":7,\"completion_tokens\":2,\"prompt_tokens_details\":{{\"cached_tokens\":4}}}}}}").into()),
    }
}
