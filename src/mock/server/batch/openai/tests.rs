use http::Method;
use serde_json::{Value, json};

use super::testing::{batch, content, counts, desk, failed, line, succeeded, unanswered, upload};
use crate::mock::server::batch::testing::{Desk, Got, START};
use crate::mock::{BatchOrder, Batching};

#[test]
fn a_batch_goes_its_way_from_the_upload_to_the_results() {
    let mut desk = Desk::new(Batching::default());
    let lines = [
        line("a", "one"),
        line("b", "busy"),
        line("c", "odd"),
        line("d", "two"),
    ]
    .concat();
    let file = json!({
        "object": "file",
        "id": "file-0000000000000000000001",
        "purpose": "batch",
        "filename": "in.jsonl",
        "bytes": lines.len(),
        "created_at": START + 1,
        "expires_at": START + 1 + 2_592_000,
        "status": "processed",
        "status_details": null,
    });
    let uploaded = upload(&mut desk, "in.jsonl", &lines);
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = Got {
        status: 200,
        headers: vec![
            header("content-type", "application/json"),
            header("x-request-id", "req_00000000000000000000000000000001"),
        ],
        body: file.to_string(),
    };
    assert_eq!(uploaded, expected);

    let asked = json!({
        "input_file_id": "file-0000000000000000000001",
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
        "metadata": {"plan": "EP-0002"},
        "output_expires_after": {"anchor": "created_at", "seconds": 3600},
        "some_new_field": [1],
    });
    let mut expected = json!({
        "id": "batch_00000000000000000000000000000001",
        "object": "batch",
        "endpoint": "/v1/chat/completions",
        "model": null,
        "errors": null,
        "input_file_id": "file-0000000000000000000001",
        "completion_window": "24h",
        "status": "validating",
        "output_file_id": null,
        "error_file_id": null,
        "created_at": START + 2,
        "in_progress_at": null,
        "expires_at": START + 2 + 86_400,
        "finalizing_at": null,
        "completed_at": null,
        "failed_at": null,
        "expired_at": null,
        "cancelling_at": null,
        "cancelled_at": null,
        "request_counts": counts(0, 0, 0),
        "usage": {
            "input_tokens": 0,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 0,
        },
        "metadata": {"plan": "EP-0002"},
    });
    assert_eq!(desk.post("/v1/batches", &asked).json(), expected);

    // The input is the batch's own: the file may go.
    let gone = json!({"object": "file", "deleted": true, "id": "file-0000000000000000000001"});
    assert_eq!(desk.delete("/v1/files/file-0000000000000000000001").json(), gone);

    expected["status"] = "in_progress".into();
    expected["model"] = "m".into();
    expected["in_progress_at"] = (START + 4).into();
    expected["request_counts"] = counts(4, 1, 1);
    expected["usage"]["input_tokens"] = 7.into();
    expected["usage"]["input_tokens_details"]["cached_tokens"] = 4.into();
    expected["usage"]["output_tokens"] = 2.into();
    expected["usage"]["total_tokens"] = 9.into();
    assert_eq!(desk.get(&batch(1)).json(), expected);

    expected["status"] = "completed".into();
    expected["finalizing_at"] = (START + 5).into();
    expected["completed_at"] = (START + 5).into();
    expected["request_counts"] = counts(4, 2, 2);
    expected["usage"]["input_tokens"] = 14.into();
    expected["usage"]["input_tokens_details"]["cached_tokens"] = 8.into();
    expected["usage"]["output_tokens"] = 4.into();
    expected["usage"]["total_tokens"] = 18.into();
    expected["output_file_id"] = "file-0000000000000000000002".into();
    expected["error_file_id"] = "file-0000000000000000000003".into();
    assert_eq!(desk.get(&batch(1)).json(), expected);
    // Nothing more comes of it, however often it is looked at.
    assert_eq!(desk.get(&batch(1)).json(), expected);

    let results = [succeeded(4, "d", "two"), succeeded(1, "a", "one")];
    assert_eq!(content(&mut desk, 2), results);
    let busy = json!({"error": {"message": "slow down"}});
    let failures = [
        failed(3, "c", 500, &json!("oh \"no\"")),
        failed(2, "b", 429, &busy),
    ];
    assert_eq!(content(&mut desk, 3), failures);
    let output = desk.get("/v1/files/file-0000000000000000000002").json();
    let expected = json!({
        "object": "file",
        "id": "file-0000000000000000000002",
        "purpose": "batch_output",
        "filename": "batch_00000000000000000000000000000001_output.jsonl",
        "bytes": results.iter().map(|line| line.to_string().len() + 1).sum::<usize>(),
        "created_at": START + 5,
        "expires_at": START + 5 + 3600,
        "status": "processed",
        "status_details": null,
    });
    assert_eq!(output, expected);

    let asked = |says: &str| {
        let body = json!({"model": "m", "messages": [{"role": "user", "content": says}]});
        ("/v1/chat/completions".to_owned(), body.to_string())
    };
    assert_eq!(desk.asked, ["one", "busy", "odd", "two"].map(asked));
    assert_eq!(
        desk.on_disk(),
        ["file-0000000000000000000002", "file-0000000000000000000003"]
    );
    desk.batches.reset();
    assert_eq!(desk.on_disk(), [""; 0]);
    assert_eq!(
        upload(&mut desk, "in.jsonl", "").json()["id"],
        "file-0000000000000000000001"
    );
}

#[test]
fn the_looks_decide_how_fast_a_batch_is() {
    let lines: String = (0..6).map(|number| line(&number.to_string(), "x")).collect();
    let cases: [(u32, &[(&str, u64)]); 4] = [
        (0, &[("completed", 6)]),
        (1, &[("in_progress", 3), ("completed", 6)]),
        (2, &[("in_progress", 3), ("finalizing", 6), ("completed", 6)]),
        (
            3,
            &[
                ("in_progress", 2),
                ("in_progress", 4),
                ("finalizing", 6),
                ("completed", 6),
            ],
        ),
    ];
    for (polls, expected) in cases {
        let mut desk = desk(
            Batching {
                polls,
                ..Batching::default()
            },
            &lines,
        );
        for (status, completed) in expected {
            let seen = desk.get(&batch(1)).json();
            let seen = (seen["status"].clone(), seen["request_counts"].clone());
            assert_eq!(seen, (json!(status), counts(6, *completed, 0)), "{polls} polls");
        }
        assert_eq!(desk.asked.len(), 6);
    }
}

#[test]
fn results_come_in_the_order_that_the_settings_say() {
    let lines = [line("a", "1"), "\r\n".to_owned(), line("b", "2"), line("c", "3")].concat();
    for (order, expected) in [
        (BatchOrder::Given, ["a", "b", "c"]),
        (BatchOrder::Reversed, ["c", "b", "a"]),
    ] {
        let settings = Batching {
            polls: 0,
            order,
            ..Batching::default()
        };
        // The last line has no end.
        let mut desk = desk(settings, lines.trim_end());
        let done = desk.get(&batch(1)).json();
        assert_eq!(done["error_file_id"], Value::Null);
        let ids = content(&mut desk, 2)
            .into_iter()
            .map(|line| line["custom_id"].clone());
        assert_eq!(ids.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_cancelled_batch_keeps_what_it_has() {
    let lines = [line("a", "1"), line("b", "2"), line("c", "3")].concat();
    let mut desk = desk(Batching::default(), &lines);
    assert_eq!(desk.get(&batch(1)).json()["request_counts"], counts(3, 1, 0));
    let cancel = format!("{}/cancel", batch(1));
    let cancelling = desk.send(&Method::POST, &cancel, "").json();
    let seen = [
        &cancelling["status"],
        &cancelling["cancelling_at"],
        &cancelling["cancelled_at"],
    ];
    assert_eq!(seen, [&json!("cancelling"), &json!(START + 4), &Value::Null]);
    assert_eq!(desk.send(&Method::POST, &cancel, "{}").json(), cancelling);

    let mut expected = cancelling;
    expected["status"] = "cancelled".into();
    expected["cancelled_at"] = (START + 6).into();
    expected["output_file_id"] = "file-0000000000000000000002".into();
    expected["error_file_id"] = "file-0000000000000000000003".into();
    assert_eq!(desk.get(&batch(1)).json(), expected);
    assert_eq!(content(&mut desk, 2), [succeeded(1, "a", "1")]);
    let message = "The batch was cancelled before this request was executed.";
    let cancelled = |number, id| unanswered(number, id, "batch_cancelled", message);
    assert_eq!(content(&mut desk, 3), [cancelled(3, "c"), cancelled(2, "b")]);
    assert_eq!(desk.asked.len(), 1);

    let refused = desk.send(&Method::POST, &cancel, "");
    let error = json!({
        "message": "Cannot cancel a batch with status 'cancelled'.",
        "type": "invalid_request_error",
        "param": null,
        "code": null,
    });
    assert_eq!((refused.status, refused.json()), (409, json!({"error": error})));
}

#[test]
fn a_batch_that_is_cancelled_at_once_has_no_results() {
    let mut desk = desk(Batching::default(), &line("a", "1"));
    desk.send(&Method::POST, &format!("{}/cancel", batch(1)), "");
    let seen = desk.get(&batch(1)).json();
    let seen = ["status", "request_counts", "output_file_id", "error_file_id"].map(|name| seen[name].clone());
    assert_eq!(
        seen,
        [json!("cancelled"), counts(0, 0, 0), Value::Null, Value::Null]
    );
    assert_eq!(desk.on_disk(), ["file-0000000000000000000001"]);
}

#[test]
fn requests_expire_and_the_batch_with_them() {
    let settings = Batching {
        expire: vec!["b".to_owned(), "z".to_owned()],
        ..Batching::default()
    };
    let lines = [line("a", "1"), line("b", "2"), line("c", "busy")].concat();
    let mut desk = desk(settings, &lines);
    desk.get(&batch(1));
    let seen = desk.get(&batch(1)).json();
    let seen = ["status", "request_counts", "expired_at", "completed_at"].map(|name| seen[name].clone());
    assert_eq!(
        seen,
        [json!("expired"), counts(3, 1, 1), json!(START + 4), Value::Null]
    );
    assert_eq!(content(&mut desk, 2), [succeeded(1, "a", "1")]);
    let message = "This request could not be executed before the completion window expired.";
    let expected = [
        failed(3, "c", 429, &json!({"error": {"message": "slow down"}})),
        unanswered(2, "b", "batch_expired", message),
    ];
    assert_eq!(content(&mut desk, 3), expected);
    assert_eq!(desk.asked.len(), 2);
}

#[test]
fn a_request_for_a_stream_is_not_asked() {
    let streamed = line("a", "1").replacen("{\"model\"", "{\"stream\":true,\"model\"", 1);
    let mut desk = desk(
        Batching {
            polls: 0,
            ..Batching::default()
        },
        &streamed,
    );
    assert_eq!(desk.get(&batch(1)).json()["request_counts"], counts(1, 0, 1));
    let error = json!({
        "message": "Streaming is not supported on the Batch API.",
        "type": "invalid_request_error",
        "param": "stream",
        "code": "unsupported_parameter",
    });
    assert_eq!(
        content(&mut desk, 2),
        [failed(1, "a", 400, &json!({"error": error}))]
    );
    assert_eq!(desk.asked, []);
}

#[test]
fn fifty_thousand_requests_are_one_batch() {
    let lines: String = (0..50_000)
        .map(|number| line(&format!("r{number}"), "x"))
        .collect();
    let mut desk = desk(
        Batching {
            polls: 2,
            ..Batching::default()
        },
        &lines,
    );
    let seen: Vec<Value> = (0..3)
        .map(|_| desk.get(&batch(1)).json()["request_counts"]["completed"].clone())
        .collect();
    assert_eq!(seen, [25_000, 50_000, 50_000]);
    let results = content(&mut desk, 2);
    let ids = results
        .iter()
        .map(|line| line["custom_id"].as_str().unwrap().to_owned());
    assert!(ids.eq((0..50_000).rev().map(|number| format!("r{number}"))));
    assert_eq!(results[0], succeeded(50_000, "r49999", "x"));
}
