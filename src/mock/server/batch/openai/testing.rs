//! Batches of chats, for the tests.

use http::Method;
use serde_json::{Value, json};

use crate::mock::Batching;
use crate::mock::server::batch::testing::{Desk, Got};

/// A form as the official client for Python sends it.
pub(super) fn upload(desk: &mut Desk, filename: &str, lines: &str) -> Got {
    let boundary = "925d13fb006cda905af91923f2a0e11a";
    let body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\nContent-Type: application/octet-stream\r\n\r\n{lines}\r\n--{boundary}--\r\n"
    );
    let content_type = format!("multipart/form-data; boundary={boundary}");
    desk.send_as(&Method::POST, "/v1/files", &content_type, body)
}

pub(super) fn line(custom_id: &str, says: &str) -> String {
    let body = json!({"model": "m", "messages": [{"role": "user", "content": says}]});
    let url = "/v1/chat/completions";
    format!(
        "{}\n",
        json!({"custom_id": custom_id, "method": "POST", "url": url, "body": body})
    )
}

pub(super) fn create(desk: &mut Desk, file: u64) -> Got {
    let endpoint = "/v1/chat/completions";
    let file = format!("file-{file:022}");
    let body = json!({"input_file_id": file, "endpoint": endpoint, "completion_window": "24h"});
    desk.post("/v1/batches", &body)
}

/// A desk with one batch of these lines, the requests 1 and 2.
pub(super) fn desk(settings: Batching, lines: &str) -> Desk {
    let mut desk = Desk::new(settings);
    assert_eq!(upload(&mut desk, "in.jsonl", lines).status, 200);
    assert_eq!(create(&mut desk, 1).json()["status"], "validating");
    desk
}

pub(super) fn batch(number: u64) -> String {
    format!("/v1/batches/batch_{number:032}")
}

pub(super) fn content(desk: &mut Desk, file: u64) -> Vec<Value> {
    let got = desk.get(&format!("/v1/files/file-{file:022}/content"));
    assert_eq!(got.status, 200, "{got:?}");
    got.lines()
}

pub(super) fn succeeded(number: u64, custom_id: &str, said: &str) -> Value {
    let usage =
        json!({"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}});
    json!({
        "id": format!("batch_req_{number:032}"),
        "custom_id": custom_id,
        "response": {"status_code": 200, "request_id": format!("{number:032}"), "body": {"said": said, "usage": usage}},
        "error": null,
    })
}

pub(super) fn failed(number: u64, custom_id: &str, status: u16, body: &Value) -> Value {
    let request_id = format!("{number:032}");
    json!({
        "id": format!("batch_req_{number:032}"),
        "custom_id": custom_id,
        "response": {"status_code": status, "request_id": request_id, "body": body},
        "error": null,
    })
}

pub(super) fn unanswered(number: u64, custom_id: &str, code: &str, message: &str) -> Value {
    json!({
        "id": format!("batch_req_{number:032}"),
        "custom_id": custom_id,
        "response": null,
        "error": {"code": code, "message": message},
    })
}

pub(super) fn counts(total: u64, completed: u64, failed: u64) -> Value {
    json!({"total": total, "completed": completed, "failed": failed})
}
