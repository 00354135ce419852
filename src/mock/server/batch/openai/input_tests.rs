use std::fs::File;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Accepted, check, whole};

const ENDPOINT: &str = "/v1/chat/completions";

fn line(custom_id: &str) -> Value {
    json!({"custom_id": custom_id, "method": "POST", "url": ENDPOINT, "body": {"model": "m"}, "more": {}})
}

/// What is wrong with a file, as OpenAI shows it.
fn errors(lines: &str) -> Value {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("in");
    std::fs::write(&path, lines).unwrap();
    json!(check(&path, ENDPOINT).unwrap().unwrap_err())
}

/// What is wrong with the second of three lines.
fn second(line_of_two: &str) -> Value {
    let lines = format!("{}\n{line_of_two}\n{}\n", line("1"), line("3"));
    let mut errors = errors(&lines);
    assert_eq!(errors.as_array().map(Vec::len), Some(1), "{errors}");
    errors[0].take()
}

fn error(code: &str, message: &str, param: Option<&str>) -> Value {
    json!({"code": code, "message": message, "param": param, "line": 2})
}

#[test]
fn a_line_that_is_no_request_is_told() {
    let not_json = error(
        "invalid_json_line",
        "This line is not parseable as valid JSON.",
        None,
    );
    for text in [
        "{",
        "[\"2\",\"POST\",\"/v1\",{}]",
        "7",
        "{} {}",
        "\u{feff}{}",
        "{\"body\":{]}",
    ] {
        assert_eq!(second(text), not_json, "{text}");
    }
}

#[test]
fn a_field_that_is_missing_is_told() {
    for name in ["custom_id", "method", "url", "body"] {
        let mut without = line("2");
        without.as_object_mut().unwrap().remove(name);
        let message = format!("Missing required parameter: '{name}'.");
        let expected = error("missing_required_parameter", &message, Some(name));
        assert_eq!(second(&without.to_string()), expected);
    }
    let mut without = line("2");
    without["body"] = json!({"messages": []});
    let message = "Missing required parameter: 'body.model'.";
    let expected = error("missing_required_parameter", message, Some("body.model"));
    assert_eq!(second(&without.to_string()), expected);
}

#[test]
fn a_field_that_is_not_what_it_has_to_be_is_told() {
    let model =
        "The model 'other' is not the model of the requests before it, 'm'. A batch is for a single model.";
    let cases = [
        (
            "custom_id",
            json!(2),
            "invalid_type",
            "Invalid type for 'custom_id': expected a string.",
            "custom_id",
        ),
        (
            "body",
            json!("{}"),
            "invalid_type",
            "Invalid type for 'body': expected an object.",
            "body",
        ),
        (
            "body",
            json!({"model": []}),
            "invalid_type",
            "Invalid type for 'body.model': expected a string.",
            "body.model",
        ),
        (
            "body",
            json!({"model": "other"}),
            "model_mismatch",
            model,
            "body.model",
        ),
        (
            "method",
            json!("GET"),
            "invalid_method",
            "Invalid method: 'GET'. The method of a batch request must be 'POST'.",
            "method",
        ),
        (
            "url",
            json!("/v1/responses"),
            "invalid_url",
            "The URL provided for this request does not match the batch endpoint.",
            "url",
        ),
        (
            "custom_id",
            json!("1"),
            "duplicate_custom_id",
            "The custom_id '1' is that of an earlier request. It must be unique in a batch.",
            "custom_id",
        ),
    ];
    for (field, value, code, message, param) in cases {
        let mut wrong = line("2");
        wrong[field] = value;
        assert_eq!(second(&wrong.to_string()), error(code, message, Some(param)));
    }
}

#[test]
fn lines_are_counted_with_those_that_are_empty() {
    let found = errors(&format!("\n\n{}\r\n\nno\n{}\nno\n", line("1"), line("1")));
    let lines: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["line"].clone())
        .collect();
    assert_eq!(lines, [5, 6, 7]);
}

#[test]
fn only_so_many_errors_are_told() {
    assert_eq!(errors(&"no\n".repeat(500)).as_array().map(Vec::len), Some(100));
}

#[test]
fn a_file_without_a_request_is_refused() {
    for empty in ["", "\n\r\n  \n"] {
        let expected = json!([whole("empty_file", "The input file has no requests.".to_owned())]);
        assert_eq!(errors(empty), expected);
    }
}

#[test]
fn a_file_has_at_most_fifty_thousand_requests() {
    let most: String = (0..50_000)
        .map(|number| format!("{}\n", line(&number.to_string())))
        .collect();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("in");
    std::fs::write(&path, &most).unwrap();
    let accepted = Accepted {
        requests: 50_000,
        model: Some("m".to_owned()),
    };
    assert_eq!(check(&path, ENDPOINT).unwrap(), Ok(accepted));
    let message = "The input file has more than 50000 requests.".to_owned();
    let expected = json!([whole("too_many_tasks", message)]);
    assert_eq!(errors(&format!("{most}{}", line("x"))), expected);
}

#[test]
fn a_file_has_at_most_two_hundred_megabytes() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("in");
    // A hole: nothing of it is on the disk, and nothing of it is read.
    File::create(&path).unwrap().set_len(209_715_201).unwrap();
    let message = "The input file has 209715201 bytes. It can have up to 209715200.".to_owned();
    assert_eq!(
        check(&path, ENDPOINT).unwrap(),
        Err(vec![whole("file_too_large", message)])
    );
}
