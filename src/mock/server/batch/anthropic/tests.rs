use http::Method;
use serde_json::{Value, json};

use super::testing::{ROOT, counts, desk, error, errored, id, params, path, request, succeeded};
use crate::mock::server::batch::testing::{Desk, Got};
use crate::mock::{BatchOrder, Batching};

#[test]
fn a_batch_goes_its_way_from_the_requests_to_the_results() {
    let streamed = json!({"stream": true, "model": "m", "messages": [{"role": "user", "content": "x"}]});
    let requests = json!([
        request("a", "one"),
        request("b-2_C", "busy"),
        request("c", "odd"),
        {"custom_id": "d", "params": streamed, "more": 1},
        request("e", "right"),
        request("f", "two"),
    ]);
    let mut desk = Desk::new(Batching::default());
    let created = desk.post(ROOT, &json!({"requests": requests, "more": []}));
    let mut expected = json!({
        "id": id(1),
        "type": "message_batch",
        "processing_status": "in_progress",
        "request_counts": counts(6, 0, 0, 0, 0),
        "ended_at": null,
        "created_at": "2023-11-14T22:13:21Z",
        "expires_at": "2023-11-15T22:13:21Z",
        "archived_at": null,
        "cancel_initiated_at": null,
        "results_url": null,
    });
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let whole = Got {
        status: 200,
        headers: vec![
            header("content-type", "application/json"),
            header("request-id", "req_000000000000000000000001"),
        ],
        body: expected.to_string(),
    };
    assert_eq!(created, whole);
    assert_eq!(desk.get(&path(1)).json(), expected);
    assert_eq!(desk.asked.len(), 3);
    let early = desk.get(&format!("{}/results", path(1)));
    let message = format!(
        "Batch {} has no available results: its processing has not ended",
        id(1)
    );
    assert_eq!(
        (early.status, early.json()),
        (404, error(3, "not_found_error", &message))
    );
    let early = desk.delete(&path(1));
    let message = format!(
        "Batch {} cannot be deleted before its processing has ended",
        id(1)
    );
    assert_eq!(
        (early.status, early.json()),
        (400, error(4, "invalid_request_error", &message))
    );

    expected["processing_status"] = "ended".into();
    expected["request_counts"] = counts(0, 2, 4, 0, 0);
    expected["ended_at"] = "2023-11-14T22:13:25Z".into();
    expected["results_url"] = format!("http://127.0.0.1:8080{}/results", path(1)).into();
    assert_eq!(desk.get(&path(1)).json(), expected);
    assert_eq!(desk.get(&path(1)).json(), expected);

    let results = desk.get(&format!("{}/results", path(1)));
    let right = json!({"type": "error", "error": {"type": "overloaded_error", "message": "wait"}, "request_id": "req_9"});
    let lines = [
        succeeded("f", "two"),
        json!({"custom_id": "e", "result": {"type": "errored", "error": right}}),
        errored(
            "d",
            "invalid_request_error",
            "stream: Streaming is not supported in batches",
        ),
        errored("c", "api_error", "oh \"no\""),
        errored("b-2_C", "api_error", "{\"error\":{\"message\":\"slow down\"}}"),
        succeeded("a", "one"),
    ];
    assert_eq!(results.lines(), lines);
    let headers = [
        header("content-type", "application/x-jsonl"),
        header("request-id", "req_000000000000000000000007"),
    ];
    assert_eq!(results.headers, headers);
    let asked = |says: &str| ("/v1/messages".to_owned(), params(says).to_string());
    assert_eq!(desk.asked, ["one", "busy", "odd", "right", "two"].map(asked));

    assert_eq!(desk.on_disk(), [format!("{}.out", id(1))]);
    let deleted = json!({"id": id(1), "type": "message_batch_deleted"});
    assert_eq!(desk.delete(&path(1)).json(), deleted);
    assert_eq!(desk.get(&path(1)).status, 404);
    assert_eq!(desk.on_disk(), [""; 0]);
}

#[test]
fn the_looks_decide_how_fast_a_batch_is() {
    let requests: Vec<Value> = (0..6).map(|number| request(&number.to_string(), "x")).collect();
    for (polls, asked) in [(0, vec![6]), (1, vec![3, 6]), (3, vec![1, 3, 4, 6])] {
        let mut desk = desk(
            Batching {
                polls,
                ..Batching::default()
            },
            &requests,
        );
        let mut looks = asked.len();
        for asked in asked {
            looks -= 1;
            let status = if looks == 0 { "ended" } else { "in_progress" };
            assert_eq!(desk.get(&path(1)).json()["processing_status"], status);
            assert_eq!(desk.asked.len(), asked);
        }
    }
}

#[test]
fn a_canceled_batch_keeps_what_it_has() {
    let settings = Batching {
        order: BatchOrder::Given,
        ..Batching::default()
    };
    let mut desk = desk(
        settings,
        &[request("a", "1"), request("b", "2"), request("c", "3")],
    );
    let mut expected = desk.get(&path(1)).json();
    let cancel = format!("{}/cancel", path(1));
    expected["processing_status"] = "canceling".into();
    expected["cancel_initiated_at"] = "2023-11-14T22:13:23Z".into();
    for _ in 0..2 {
        assert_eq!(desk.send(&Method::POST, &cancel, "").json(), expected);
    }
    expected["processing_status"] = "ended".into();
    expected["request_counts"] = counts(0, 1, 0, 2, 0);
    expected["ended_at"] = "2023-11-14T22:13:25Z".into();
    expected["results_url"] = format!("http://127.0.0.1:8080{}/results", path(1)).into();
    assert_eq!(desk.get(&path(1)).json(), expected);
    let canceled = |id: &str| json!({"custom_id": id, "result": {"type": "canceled"}});
    let results = desk.get(&format!("{}/results", path(1)));
    assert_eq!(
        results.lines(),
        [succeeded("a", "1"), canceled("b"), canceled("c")]
    );
    assert_eq!(desk.asked.len(), 1);
    let refused = desk.send(&Method::POST, &cancel, "");
    let message = format!("Batch {} cannot be canceled: its processing has ended", id(1));
    let expected = error(7, "invalid_request_error", &message);
    assert_eq!((refused.status, refused.json()), (400, expected));
}

#[test]
fn requests_expire_where_the_settings_say_so() {
    let settings = Batching {
        polls: 0,
        expire: vec!["b".to_owned()],
        ..Batching::default()
    };
    let mut desk = desk(settings, &[request("a", "1"), request("b", "2")]);
    assert_eq!(desk.get(&path(1)).json()["request_counts"], counts(0, 1, 0, 0, 1));
    let results = desk.get(&format!("{}/results", path(1)));
    let expired = json!({"custom_id": "b", "result": {"type": "expired"}});
    assert_eq!(results.lines(), [expired, succeeded("a", "1")]);
    assert_eq!(desk.asked.len(), 1);
}
