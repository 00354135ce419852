use http::Method;
use serde_json::{Value, json};

use crate::mock::Batching;
use crate::mock::server::batch::testing::{Desk, Got, START};

/// Sends a form of these fields; the file is the last one.
fn form(desk: &mut Desk, fields: &[(&str, &str)], filename: &str, content: &str) -> Got {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += &format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\n\r\n{content}\r\n--b--\r\n"
    );
    desk.send_as(
        &Method::POST,
        "/v1/files",
        "multipart/form-data; boundary=b",
        body,
    )
}

fn error(message: &str, param: Option<&str>, code: Option<&str>) -> Value {
    json!({"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}})
}

fn id(number: u64) -> String {
    format!("file-{number:022}")
}

fn page(desk: &mut Desk, query: &str) -> (Vec<Value>, Value, Value, Value) {
    let got = desk.get(&format!("/v1/files{query}")).json();
    assert_eq!(got["object"], "list");
    let ids = got["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["id"].clone())
        .collect();
    let [first, last, more] = ["first_id", "last_id", "has_more"].map(|name| got[name].clone());
    (ids, first, last, more)
}

#[test]
fn files_are_listed_by_purpose_and_in_pages() {
    let mut desk = Desk::new(Batching::default());
    assert_eq!(
        page(&mut desk, ""),
        (vec![], Value::Null, Value::Null, json!(false))
    );
    for purpose in ["batch", "user_data", "batch", "batch"] {
        form(&mut desk, &[("purpose", purpose)], "a.jsonl", "{}");
    }
    let mut ids = |query: &str, ids: &[u64], more: bool| {
        let ids: Vec<Value> = ids.iter().map(|number| json!(id(*number))).collect();
        let ends = [ids.first(), ids.last()].map(|id| json!(id));
        let [first, last] = ends;
        assert_eq!(page(&mut desk, query), (ids, first, last, json!(more)), "{query}");
    };
    ids("", &[4, 3, 2, 1], false);
    ids("?order=asc", &[1, 2, 3, 4], false);
    ids("?purpose=batch&limit=2", &[4, 3], true);
    ids(&format!("?purpose=batch&limit=2&after={}", id(3)), &[1], false);
    ids(&format!("?order=asc&limit=1&after={}", id(1)), &[2], true);
    ids("?purpose=fine-tune&after=", &[], false);
    let message = "limit: expected a number from 1 to 10000, but got '0'";
    let refused = desk.get("/v1/files?limit=0");
    assert_eq!(
        (refused.status, refused.json()),
        (400, error(message, Some("limit"), Some("invalid_value")))
    );
    let refused = desk.get("/v1/files?after=file-9");
    let expected = error("No such File object: file-9", Some("id"), None);
    assert_eq!((refused.status, refused.json()), (404, expected));
}

#[test]
fn a_file_can_be_had_until_it_is_deleted() {
    let mut desk = Desk::new(Batching::default());
    let fields = [
        ("purpose", "batch"),
        ("expires_after[anchor]", "created_at"),
        ("expires_after[seconds]", "3600"),
    ];
    let uploaded = form(&mut desk, &fields, "prüf %221%22.JSONL", "{}\r\n\r\n");
    let expected = json!({
        "object": "file",
        "id": id(1),
        "purpose": "batch",
        "filename": "prüf \"1\".JSONL",
        "bytes": 6,
        "created_at": START + 1,
        "expires_at": START + 3_601,
        "status": "processed",
        "status_details": null,
    });
    assert_eq!(uploaded.json(), expected);
    let path = format!("/v1/files/{}", id(1));
    assert_eq!(desk.get(&path).json(), expected);
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let content = Got {
        status: 200,
        headers: vec![
            header("content-type", "application/octet-stream"),
            header("content-disposition", "attachment; filename=\"pr_f _1_.JSONL\""),
            header("x-request-id", "req_00000000000000000000000000000003"),
        ],
        body: "{}\r\n\r\n".to_owned(),
    };
    assert_eq!(desk.get(&format!("{path}/content")), content);
    assert_eq!(
        desk.delete(&path).json(),
        json!({"object": "file", "deleted": true, "id": id(1)})
    );
    let unknown = error(&format!("No such File object: {}", id(1)), Some("id"), None);
    for got in [
        desk.get(&path),
        desk.get(&format!("{path}/content")),
        desk.delete(&path),
    ] {
        assert_eq!((got.status, got.json()), (404, unknown.clone()));
    }
    assert_eq!(desk.on_disk(), [""; 0]);
}

#[test]
fn a_path_in_an_id_leads_nowhere() {
    let mut desk = Desk::new(Batching::default());
    for path in [
        "/v1/files/..",
        "/v1/files/..%2Fx/content",
        "/v1/files/a/b/content",
    ] {
        assert_eq!(desk.get(path).status, 404, "{path}");
    }
    assert_eq!(desk.send(&Method::PUT, "/v1/files/a", "").status, 405);
}

#[test]
fn an_upload_that_is_none_is_refused() {
    let mut desk = Desk::new(Batching::default());
    let mut refused = |fields: &[(&str, &str)], filename: &str, expected: Value| {
        let got = form(&mut desk, fields, filename, "{}");
        assert_eq!((got.status, got.json()), (400, expected));
    };
    let message = "Missing required parameter: 'purpose'.";
    refused(
        &[],
        "a.jsonl",
        error(message, Some("purpose"), Some("missing_required_parameter")),
    );
    let message = "Invalid value: 'batches'. Supported values are: 'assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'.";
    refused(
        &[("purpose", "batches")],
        "a.jsonl",
        error(message, Some("purpose"), Some("invalid_value")),
    );
    let message = "Invalid file format for Batch API. Must be .jsonl";
    refused(&[("purpose", "batch")], "a.json", error(message, None, None));
    let name = "expires_after[seconds]";
    let message = format!(
        "Invalid '{name}': integer below minimum value. Expected a value >= 3600, but got 1 instead."
    );
    let expected = error(&message, Some(name), Some("integer_below_min_value"));
    refused(&[("purpose", "batch"), (name, "1")], "a.jsonl", expected);

    let got = desk.post("/v1/files", &json!({"purpose": "batch"}));
    let message =
        "Could not parse multipart form: the content type is not `multipart/form-data` with a boundary";
    assert_eq!((got.status, got.json()), (400, error(message, None, None)));
    let no_file = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b--\r\n";
    let got = desk.send_as(
        &Method::POST,
        "/v1/files",
        "multipart/form-data; boundary=b",
        no_file,
    );
    let message = "Missing required parameter: 'file'.";
    let expected = error(message, Some("file"), Some("missing_required_parameter"));
    assert_eq!((got.status, got.json()), (400, expected));
    assert_eq!(desk.on_disk(), [""; 0]);
}
