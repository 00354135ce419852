//! Batches of messages, for the tests.

use serde_json::{Value, json};

use crate::mock::Batching;
use crate::mock::server::batch::testing::Desk;

pub(super) const ROOT: &str = "/v1/messages/batches";

pub(super) fn request(custom_id: &str, says: &str) -> Value {
    json!({"custom_id": custom_id, "params": params(says)})
}

pub(super) fn params(says: &str) -> Value {
    json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": says}]})
}

pub(super) fn id(number: u64) -> String {
    format!("msgbatch_01{number:022}")
}

pub(super) fn path(number: u64) -> String {
    format!("{ROOT}/{}", id(number))
}

/// A desk with one batch of these requests.
pub(super) fn desk(settings: Batching, requests: &[Value]) -> Desk {
    let mut desk = Desk::new(settings);
    let got = desk.post(ROOT, &json!({"requests": requests}));
    assert_eq!(got.status, 200, "{got:?}");
    desk
}

pub(super) fn counts(processing: u64, succeeded: u64, errored: u64, canceled: u64, expired: u64) -> Value {
    json!({
        "processing": processing,
        "succeeded": succeeded,
        "errored": errored,
        "canceled": canceled,
        "expired": expired,
    })
}

pub(super) fn succeeded(custom_id: &str, said: &str) -> Value {
    let usage =
        json!({"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}});
    let message = json!({"said": said, "usage": usage});
    json!({"custom_id": custom_id, "result": {"type": "succeeded", "message": message}})
}

pub(super) fn errored(custom_id: &str, kind: &str, message: &str) -> Value {
    let error = json!({"type": kind, "message": message});
    let error = json!({"type": "error", "error": error, "request_id": null});
    json!({"custom_id": custom_id, "result": {"type": "errored", "error": error}})
}

pub(super) fn error(number: u64, kind: &str, message: &str) -> Value {
    let request_id = format!("req_{number:024}");
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id})
}
