use super::speech::refusal;
use crate::mock::wire::{read, refused};
use crate::mock::{Dialect, Refusal};

/// The body of the error that a request gets.
fn error(dialect: Dialect, body: &str) -> String {
    let refusal = read(dialect, body.as_bytes()).unwrap_err();
    assert_eq!(refusal.status, 400, "{body}");
    String::from_utf8(refused(dialect, 7, &refusal, 0).body).unwrap()
}

fn openai(message: &str, param: &str, code: &str) -> String {
    let quoted = |word: &str| match word {
        "" => "null".to_owned(),
        word => format!("\"{word}\""),
    };
    let (param, code) = (quoted(param), quoted(code));
    format!(
        r#"{{"error":{{"message":"{message}","type":"invalid_request_error","param":{param},"code":{code}}}}}"#
    )
}

#[test]
fn chat_completions_are_refused_in_openais_words() {
    let missing = "missing_required_parameter";
    let parse = "We could not parse the JSON body of your request: ";
    let cases = [
        (
            "{",
            format!("{parse}EOF while parsing an object at line 1 column 1."),
            "",
            "",
        ),
        (
            "",
            format!("{parse}EOF while parsing a value at line 1 column 0."),
            "",
            "",
        ),
        (
            "[\"m\",[]]",
            format!("{parse}expected an object at line 1 column 1."),
            "",
            "",
        ),
        (
            "{\"model\":\"m\",\n\"messages\":[x]}",
            format!("{parse}expected value at line 2 column 13."),
            "",
            "",
        ),
        (
            "[]",
            format!("{parse}expected an object at line 1 column 1."),
            "",
            "",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","tool_calls":["f"]}]}"#,
            format!("{parse}invalid type: string \\\"f\\\", expected an object at line 1 column 57."),
            "",
            "",
        ),
        (
            r#"{"messages":[{"role":"user","content":"hi"}]}"#,
            "Missing required parameter: 'model'.".to_owned(),
            "model",
            missing,
        ),
        (
            r#"{"model":"m"}"#,
            "Missing required parameter: 'messages'.".to_owned(),
            "messages",
            missing,
        ),
        (
            r#"{"model":"m","messages":[]}"#,
            "Invalid 'messages': empty array. Expected an array with at least 1 element.".to_owned(),
            "messages",
            "empty_array",
        ),
        (
            r#"{"model":"m","messages":[{"content":"hi"}]}"#,
            "Missing required parameter: 'messages[0].role'.".to_owned(),
            "messages[0].role",
            missing,
        ),
        (
            r#"{"model":7,"messages":[]}"#,
            "Invalid type for 'model': expected a string, but got a number instead.".to_owned(),
            "model",
            "invalid_type",
        ),
        (
            r#"{"model":"m","messages":"hi"}"#,
            "Invalid type for 'messages': expected an array, but got a string instead.".to_owned(),
            "messages",
            "invalid_type",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":"a"},{"role":"user","content":{}}]}"#,
            "Invalid type for 'messages[1].content': expected a string or an array, but got an object instead."
                .to_owned(),
            "messages[1].content",
            "invalid_type",
        ),
        (
            r#"{"model":"m","messages":["hi"]}"#,
            "Invalid type for 'messages[0]': expected an object, but got a string instead.".to_owned(),
            "messages[0]",
            "invalid_type",
        ),
        (
            r#"{"model":"m","messages":[{"role":[],"content":"a"}],"stream":false}"#,
            "Invalid type for 'messages[0].role': expected a string, but got an array instead.".to_owned(),
            "messages[0].role",
            "invalid_type",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":"a"}],"stream":"yes"}"#,
            "Invalid type for 'stream': expected a boolean, but got a string instead.".to_owned(),
            "stream",
            "invalid_type",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":"a"}],"max_tokens":-1}"#,
            "Invalid type for 'max_tokens': expected a non-negative integer, but got a number instead."
                .to_owned(),
            "max_tokens",
            "invalid_type",
        ),
    ];
    for (body, message, param, code) in cases {
        assert_eq!(
            error(Dialect::Chat, body),
            openai(&message, param, code),
            "{body}"
        );
    }
}

#[test]
fn responses_are_refused_in_openais_words() {
    let missing = "missing_required_parameter";
    let cases = [
        (
            r#"{"model":"m"}"#,
            openai("Missing required parameter: 'input'.", "input", missing),
        ),
        (
            r#"{"input":"hi"}"#,
            openai("Missing required parameter: 'model'.", "model", missing),
        ),
        (
            r#"{"model":"m","input":[]}"#,
            openai(
                "Invalid 'input': empty array. Expected an array with at least 1 element.",
                "input",
                "empty_array",
            ),
        ),
        (
            r#"{"model":"m","input":7}"#,
            openai(
                "Invalid type for 'input': expected a string or an array, but got a number instead.",
                "input",
                "invalid_type",
            ),
        ),
        (
            r#"{"model":"m","input":[{"role":"user","content":7}]}"#,
            openai(
                "Invalid type for 'input[0].content': expected a string or an array, but got a number instead.",
                "input[0].content",
                "invalid_type",
            ),
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(error(Dialect::Responses, body), expected, "{body}");
    }
}

#[test]
fn messages_are_refused_in_anthropics_words() {
    let mark = r#"{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}"#;
    let marks = [mark; 5].join(",");
    let marked =
        format!(r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":[{marks}]}}]}}"#);
    let cases = [
        (
            "{]",
            "The request body is not valid JSON: key must be a string at line 1 column 2",
        ),
        (
            r#"{"max_tokens":1,"messages":[{"role":"user","content":"hi"}]}"#,
            "model: Field required",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#,
            "max_tokens: Field required",
        ),
        (r#"{"model":"m","max_tokens":1}"#, "messages: Field required"),
        (
            r#"{"model":"m","max_tokens":1,"messages":[]}"#,
            "messages: at least one message is required",
        ),
        (
            r#"{"model":"m","max_tokens":1,"messages":[{"content":"hi"}]}"#,
            "messages.0.role: Field required",
        ),
        (
            r#"{"model":"m","max_tokens":"1","messages":[]}"#,
            "max_tokens: Input should be a valid non-negative integer",
        ),
        (
            r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":true}]}"#,
            "messages.0.content: Input should be a valid string or list",
        ),
        (
            r#"{"model":"m","max_tokens":1,"system":{},"messages":[{"role":"user","content":"a"}]}"#,
            "system: Input should be a valid string or list",
        ),
        (
            &marked,
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        ),
    ];
    for (body, message) in cases {
        let expected = format!(
            r#"{{"type":"error","error":{{"type":"invalid_request_error","message":"{message}"}},"request_id":"req_010000000000000000000007"}}"#
        );
        assert_eq!(error(Dialect::Messages, body), expected, "{body}");
    }
}

#[test]
fn chats_of_ollama_are_refused_in_its_words() {
    let cases = [
        ("{}", "model is required"),
        (
            "{\"model\":",
            "invalid JSON: EOF while parsing a value at line 1 column 9",
        ),
        (
            r#"{"model":"m","messages":"hi"}"#,
            "json: cannot unmarshal string into Go struct field ChatRequest.messages of type []api.Message",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":7}]}"#,
            "json: cannot unmarshal number into Go struct field ChatRequest.messages.0.content of type string",
        ),
    ];
    for (body, message) in cases {
        let expected: Result<(), Refusal> = Err(refusal(400, message));
        assert_eq!(
            read(Dialect::Ollama, body.as_bytes()).map(drop),
            expected,
            "{body}"
        );
    }
}
