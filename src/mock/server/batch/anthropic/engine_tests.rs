use std::fs::File;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::requests::write_down;
use super::testing::{ROOT, desk, error, id, path, request};
use crate::mock::Batching;
use crate::mock::server::batch::refusal::Refusal;
use crate::mock::server::batch::testing::Desk;

#[test]
fn no_batch_is_taken_where_the_settings_say_so() {
    let mut desk = Desk::new(Batching {
        fail: Some("no credit".to_owned()),
        ..Batching::default()
    });
    let got = desk.post(ROOT, &json!({"requests": [request("a", "1")]}));
    assert_eq!(
        (got.status, got.json()),
        (400, error(1, "invalid_request_error", "no credit"))
    );
}

#[test]
fn requests_that_are_none_are_refused() {
    let mut desk = Desk::new(Batching::default());
    let pattern = "requests.1.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'";
    let cases = [
        (json!([]), "Input should be an object"),
        (json!({}), "requests: Field required"),
        (json!({"requests": {}}), "requests: Input should be a valid list"),
        (
            json!({"requests": []}),
            "requests: List should have at least 1 item after validation, not 0",
        ),
    ];
    let second = [
        (json!([]), "requests.1: Input should be an object"),
        (json!({"params": {}}), "requests.1.custom_id: Field required"),
        (
            json!({"custom_id": 1, "params": {}}),
            "requests.1.custom_id: Input should be a valid string",
        ),
        (request("", "x"), pattern),
        (request("EP-0002/1.1", "x"), pattern),
        (request("ä", "x"), pattern),
        (request(&"x".repeat(65), "x"), pattern),
        (request("a", "x"), "requests.1.custom_id: Duplicate custom_id 'a'"),
        (json!({"custom_id": "b"}), "requests.1.params: Field required"),
        (
            json!({"custom_id": "b", "params": []}),
            "requests.1.params: Input should be an object",
        ),
    ];
    let second = second.map(|(second, message)| {
        (
            json!({"requests": [request("a", "1"), second, request("z", "1")]}),
            message,
        )
    });
    for (number, (body, message)) in (1..).zip(cases.into_iter().chain(second)) {
        let got = desk.post(ROOT, &body);
        let expected = error(number, "invalid_request_error", message);
        assert_eq!((got.status, got.json()), (400, expected));
    }
    let got = desk.send(&Method::POST, ROOT, "{\"requests\":");
    let message = "The request body is not valid JSON: EOF while parsing a value at line 1 column 12";
    assert_eq!(
        (got.status, got.json()["error"]["message"].clone()),
        (400, json!(message))
    );
    assert_eq!(desk.on_disk(), [""; 0]);
    // What was refused takes no number.
    let longest = "x".repeat(64);
    assert_eq!(
        desk.post(ROOT, &json!({"requests": [request(&longest, "x")]}))
            .json()["id"],
        id(1)
    );
}

#[test]
fn requests_have_limits() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = || folder.path().join("in");
    let body = |count: usize| {
        let requests: Vec<String> = (0..count)
            .map(|number| format!("{{\"custom_id\":\"{number}\",\"params\":{{}}}}"))
            .collect();
        Bytes::from(format!("{{\"requests\":[{}]}}", requests.join(",")))
    };
    assert_eq!(
        write_down(&body(100_000), path()).map(|work| work.total),
        Ok(100_000)
    );
    let message = "requests: List should have at most 100000 items after validation, not 100001";
    let refused = write_down(&body(100_001), path()).map(|work| work.total);
    assert_eq!(refused, Err(Refusal::new(400, message)));
    assert!(File::open(path()).is_err());
    // Zeros that nobody reads.
    let large = Bytes::from(vec![0; 268_435_457]);
    let message = "Request exceeds the maximum size of 268435456 bytes";
    let refused = write_down(&large, path()).map(|work| work.total);
    assert_eq!(refused, Err(Refusal::new(413, message)));
}

#[test]
fn batches_are_listed_in_pages() {
    let mut desk = desk(Batching::default(), &[request("a", "1")]);
    for _ in 2..=21 {
        desk.post(ROOT, &json!({"requests": [request("a", "1")]}));
    }
    let mut page = |query: &str, ids: &[u64], more: bool| {
        let got = desk.get(&format!("{ROOT}{query}")).json();
        let ids: Vec<String> = ids.iter().map(|number| id(*number)).collect();
        let seen: Vec<Value> = got["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|batch| batch["id"].clone())
            .collect();
        assert_eq!(seen, ids, "{query}");
        let ends = ["first_id", "last_id", "has_more"].map(|name| got[name].clone());
        assert_eq!(
            ends,
            [json!(ids.first()), json!(ids.last()), json!(more)],
            "{query}"
        );
    };
    page("?beta=true", &(2..=21).rev().collect::<Vec<_>>(), true);
    page(&format!("?after_id={}", id(2)), &[1], false);
    page(&format!("?after_id={}&limit=2", id(20)), &[19, 18], true);
    page(&format!("?before_id={}&limit=2", id(18)), &[20, 19], true);
    page(&format!("?before_id={}&limit=2", id(19)), &[21, 20], false);
    page(&format!("?before_id={}", id(21)), &[], false);
    for query in ["limit=0", "limit=1001", "after_id=x", "after_id=x&before_id=x"] {
        assert_eq!(desk.get(&format!("{ROOT}?{query}")).status, 400, "{query}");
    }
    // A list is no look.
    assert_eq!(desk.asked, []);
}

#[test]
fn the_oldest_batches_go_when_there_are_too_many() {
    let mut desk = Desk::new(Batching {
        polls: 0,
        ..Batching::default()
    });
    let body = json!({"requests": [request("a", "1")]});
    for _ in 0..1_000 {
        desk.post(ROOT, &body);
    }
    desk.get(&path(7));
    desk.post(ROOT, &body);
    desk.post(ROOT, &body);
    let gone: Vec<u64> = (1..=1_002)
        .filter(|number| desk.get(&path(*number)).status == 404)
        .collect();
    assert_eq!(gone, [1, 7]);
    assert_eq!(desk.on_disk().len(), 1_000);
    desk.batches.reset();
    assert_eq!(desk.on_disk(), [""; 0]);
    assert_eq!(desk.post(ROOT, &body).json()["id"], id(1));
}

#[test]
fn what_is_not_there_cannot_be_had() {
    let mut desk = Desk::new(Batching::default());
    let got = [
        desk.get("/v1/messages/batches/x"),
        desk.get("/v1/messages/batches/x/results"),
        desk.delete("/v1/messages/batches/x"),
        desk.send(&Method::POST, "/v1/messages/batches/x/cancel", ""),
    ];
    for (number, got) in (1..).zip(got) {
        let expected = error(number, "not_found_error", "Message batch x not found");
        assert_eq!((got.status, got.json()), (404, expected));
    }
    assert_eq!(desk.get("/v1/messages/batches/x/y").status, 404);
    let got = desk.send(&Method::PUT, "/v1/messages/batches/x", "");
    assert_eq!(
        (got.status, got.json()),
        (405, error(6, "invalid_request_error", "Method not allowed"))
    );
}
