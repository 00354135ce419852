use http::Method;
use serde_json::{Value, json};

use super::testing::{batch, counts, create, desk, line};
use crate::mock::Batching;
use crate::mock::server::batch::testing::{Desk, START};

#[test]
fn an_input_with_a_bad_line_fails_the_batch() {
    let lines = [line("a", "1"), "no\n".to_owned(), line("a", "2")].concat();
    let mut desk = desk(Batching::default(), &lines);
    let seen = desk.get(&batch(1)).json();
    let first = json!({
        "code": "invalid_json_line",
        "message": "This line is not parseable as valid JSON.",
        "param": null,
        "line": 2,
    });
    let second = json!({
        "code": "duplicate_custom_id",
        "message": "The custom_id 'a' is that of an earlier request. It must be unique in a batch.",
        "param": "custom_id",
        "line": 3,
    });
    let errors = json!({"object": "list", "data": [first, second]});
    let seen = ["status", "errors", "failed_at", "request_counts"].map(|name| seen[name].clone());
    assert_eq!(seen, [json!("failed"), errors, json!(START + 3), counts(0, 0, 0)]);
    assert_eq!(desk.asked, []);
    assert_eq!(desk.on_disk(), ["file-0000000000000000000001"]);
}

#[test]
fn a_batch_fails_where_the_settings_say_so() {
    let settings = Batching {
        fail: Some("enqueued token limit reached".to_owned()),
        ..Batching::default()
    };
    let mut desk = desk(settings, &line("a", "1"));
    let seen = desk.get(&batch(1)).json();
    let error = json!({"code": "invalid_request", "message": "enqueued token limit reached", "param": null, "line": null});
    let errors = json!({"object": "list", "data": [error]});
    assert_eq!([&seen["status"], &seen["errors"]], [&json!("failed"), &errors]);
}

#[test]
fn batches_are_listed_in_pages() {
    let mut desk = desk(Batching::default(), &line("a", "1"));
    for _ in 2..=21 {
        assert_eq!(create(&mut desk, 1).status, 200);
    }
    let mut page = |query: &str, ids: &[u64], more: bool| {
        let got = desk.get(&format!("/v1/batches{query}")).json();
        let ids: Vec<String> = ids.iter().map(|number| format!("batch_{number:032}")).collect();
        let seen: Vec<Value> = got["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|batch| batch["id"].clone())
            .collect();
        assert_eq!(seen, ids, "{query}");
        let ends = ["object", "first_id", "last_id", "has_more"].map(|name| got[name].clone());
        assert_eq!(
            ends,
            [json!("list"), json!(ids.first()), json!(ids.last()), json!(more)]
        );
    };
    page("", &(2..=21).rev().collect::<Vec<_>>(), true);
    page(&format!("?after=batch_{:032}", 2), &[1], false);
    page(&format!("?after=batch_{:032}&limit=2", 20), &[19, 18], true);
    assert_eq!(desk.get("/v1/batches?limit=101").status, 400);
    // A list is no look.
    assert_eq!(desk.get(&batch(1)).json()["status"], "in_progress");
}

#[test]
fn what_is_not_there_cannot_be_had() {
    let mut desk = Desk::new(Batching::default());
    let error = |message: &str, param: Option<&str>| json!({"error": {"message": message, "type": "invalid_request_error", "param": param, "code": null}});
    let no_file = error("No such File object: file-0000000000000000000001", Some("id"));
    let got = create(&mut desk, 1);
    assert_eq!((got.status, got.json()), (404, no_file));
    let no_batch = error("No batch found with id 'batch_1'.", None);
    for got in [
        desk.get("/v1/batches/batch_1"),
        desk.send(&Method::POST, "/v1/batches/batch_1/cancel", ""),
        desk.get("/v1/batches?after=batch_1"),
    ] {
        assert_eq!((got.status, got.json()), (404, no_batch.clone()));
    }
    let got = desk.get("/v1/batches/batch_1/results");
    let expected = error("Invalid URL (GET /v1/batches/batch_1/results)", None);
    assert_eq!((got.status, got.json()), (404, expected));
    let got = desk.delete("/v1/batches/batch_1");
    assert_eq!((got.status, got.json()), (405, error("Method not allowed", None)));
}

#[test]
fn results_are_no_input() {
    let mut desk = desk(
        Batching {
            polls: 0,
            ..Batching::default()
        },
        &line("a", "1"),
    );
    desk.get(&batch(1));
    let got = create(&mut desk, 2);
    let message = "Invalid input file: expected a file with purpose 'batch', but the purpose of 'file-0000000000000000000002' is 'batch_output'.";
    let error =
        json!({"message": message, "type": "invalid_request_error", "param": "input_file_id", "code": null});
    assert_eq!((got.status, got.json()), (400, json!({"error": error})));
}
