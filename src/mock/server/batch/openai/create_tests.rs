use serde_json::{Value, json};

use super::{Create, answered};

fn good() -> Value {
    json!({"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h", "new": 1})
}

/// What is said to a good request in which one field is different; null takes it away.
fn refused(field: &str, value: &Value) -> Value {
    let mut body = good();
    body[field] = value.clone();
    let response = Create::read(body.to_string().as_bytes()).unwrap_err().openai();
    let crate::mock::server::batch::Body::Bytes(bytes) = response.body else {
        panic!("an error is in memory");
    };
    assert_eq!(response.status, 400);
    serde_json::from_slice(&bytes).unwrap()
}

fn error(param: Option<&str>, code: Option<&str>, message: &str) -> Value {
    json!({"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}})
}

#[test]
fn what_is_given_is_read() {
    let expected = Create {
        input_file_id: "file-1".to_owned(),
        endpoint: "/v1/responses".to_owned(),
        metadata: Value::Null,
        output_expires_after: None,
    };
    assert_eq!(Create::read(good().to_string().as_bytes()), Ok(expected.clone()));
    let keys: serde_json::Map<_, _> = (0..16)
        .map(|key| (format!("{key:ä>64}"), json!("ö".repeat(512))))
        .collect();
    for seconds in [3_600, 2_592_000] {
        let mut body = good();
        body["metadata"] = Value::Object(keys.clone());
        body["output_expires_after"] = json!({"anchor": "created_at", "seconds": seconds});
        let expected = Create {
            metadata: body["metadata"].clone(),
            output_expires_after: Some(seconds),
            ..expected.clone()
        };
        assert_eq!(Create::read(body.to_string().as_bytes()), Ok(expected));
    }
}

#[test]
fn azure_leaves_the_version_out() {
    assert_eq!(answered("/chat/completions"), Some("/v1/chat/completions"));
    assert_eq!(answered("/v1/chat/completions"), Some("/v1/chat/completions"));
    assert_eq!(answered("/v1/v1/chat/completions"), None);
    assert_eq!(answered("chat/completions"), None);
}

#[test]
fn fields_that_are_needed_are_asked_for() {
    for field in ["input_file_id", "endpoint", "completion_window"] {
        let message = format!("Missing required parameter: '{field}'.");
        let expected = error(Some(field), Some("missing_required_parameter"), &message);
        assert_eq!(refused(field, &Value::Null), expected);
        let message = format!("Invalid type for '{field}': expected a string, but got a number instead.");
        assert_eq!(
            refused(field, &json!(1)),
            error(Some(field), Some("invalid_type"), &message)
        );
    }
    let not_json = Create::read(b"{").unwrap_err();
    let message =
        "We could not parse the JSON body of your request: EOF while parsing an object at line 1 column 1";
    assert_eq!(
        not_json,
        crate::mock::server::batch::refusal::Refusal::new(400, message)
    );
}

#[test]
fn only_what_is_supported_is_taken() {
    let invalid = |field, message| error(Some(field), Some("invalid_value"), message);
    let window = "Invalid value: '48h'. Supported values are: '24h'.";
    assert_eq!(
        refused("completion_window", &json!("48h")),
        invalid("completion_window", window)
    );
    let endpoint =
        "Invalid value: '/v1/x'. Supported values are: '/v1/chat/completions' and '/v1/responses'.";
    assert_eq!(
        refused("endpoint", &json!("/v1/x")),
        invalid("endpoint", endpoint)
    );
    let known = "The mock server does not answer '/v1/embeddings' in batches. Supported values are: '/v1/chat/completions' and '/v1/responses'.";
    let expected = error(Some("endpoint"), Some("unsupported_value"), known);
    assert_eq!(refused("endpoint", &json!("/v1/embeddings")), expected);
}

#[test]
fn metadata_has_limits() {
    let keys: serde_json::Map<_, _> = (0..17).map(|key| (key.to_string(), json!(""))).collect();
    let message = "Invalid 'metadata': too many properties. Expected at most 16 properties, but got 17.";
    let expected = error(Some("metadata"), Some("object_above_max_properties"), message);
    assert_eq!(refused("metadata", &Value::Object(keys)), expected);
    let too_long = |name: &str, most: usize| {
        let message = format!(
            "Invalid '{name}': string too long. Expected a string with maximum length {most}, but got a string with length {} instead.",
            most + 1
        );
        error(Some(name), Some("string_above_max_length"), &message)
    };
    assert_eq!(
        refused("metadata", &json!({"ä".repeat(65): ""})),
        too_long("metadata", 64)
    );
    assert_eq!(
        refused("metadata", &json!({"k": "ä".repeat(513)})),
        too_long("metadata.k", 512)
    );
    let wrong = |name: &str, expected: &str, found: &str| {
        let message = format!("Invalid type for '{name}': expected {expected}, but got {found} instead.");
        error(Some(name), Some("invalid_type"), &message)
    };
    assert_eq!(
        refused("metadata", &json!({"k": true})),
        wrong("metadata.k", "a string", "a boolean")
    );
    assert_eq!(
        refused("metadata", &json!(["k"])),
        wrong("metadata", "an object", "an array")
    );
}

#[test]
fn results_are_kept_for_an_hour_at_least_and_a_month_at_most() {
    let name = "output_expires_after.seconds";
    let after = |seconds: Value| json!({"anchor": "created_at", "seconds": seconds});
    let cases = [
        (
            json!(3_599),
            "integer_below_min_value",
            "Invalid 'output_expires_after.seconds': integer below minimum value. Expected a value >= 3600, but got 3599 instead.",
        ),
        (
            json!(2_592_001),
            "integer_above_max_value",
            "Invalid 'output_expires_after.seconds': integer above maximum value. Expected a value <= 2592000, but got 2592001 instead.",
        ),
        (
            json!(3_600.5),
            "invalid_type",
            "Invalid type for 'output_expires_after.seconds': expected an integer, but got a number instead.",
        ),
        (
            Value::Null,
            "missing_required_parameter",
            "Missing required parameter: 'output_expires_after.seconds'.",
        ),
    ];
    for (seconds, code, message) in cases {
        let expected = error(Some(name), Some(code), message);
        assert_eq!(refused("output_expires_after", &after(seconds)), expected);
    }
    let anchor = json!({"anchor": "now", "seconds": 3_600});
    let message = "Invalid value: 'now'. Supported values are: 'created_at'.";
    let expected = error(
        Some("output_expires_after.anchor"),
        Some("invalid_value"),
        message,
    );
    assert_eq!(refused("output_expires_after", &anchor), expected);
}
