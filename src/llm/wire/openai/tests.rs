use std::borrow::Cow;

use super::*;

fn request() -> Request {
    Request {
        system: "You are careful.".into(),
        shared: "a ".into(),
        own: "\"quoted\"\nline \u{1f600}".to_owned(),
        step: "1.2".to_owned(),
        attempt: 1,
    }
}

fn options() -> Options {
    Options {
        model: "qwen3-coder".to_owned(),
        max_tokens: Some(4096),
        ..Options::default()
    }
}

#[test]
fn the_body_is_exactly_this() {
    assert_eq!(
        String::from_utf8(encode(&request(), &options())).unwrap(),
        concat!(
            r#"{"model":"qwen3-coder","stream":true,"stream_options":{"include_usage":true},"max_tokens":4096,"#,
            r#""messages":[{"role":"system","content":"You are careful."},"#,
            "{\"role\":\"user\",\"content\":\"a \\\"quoted\\\"\\nline \u{1f600}\"}]}"
        )
    );
}

#[test]
fn further_keys_stand_before_the_messages_and_replace_none_of_ours() {
    let mut options = options();
    options.max_tokens = None;
    let further = json!({"temperature": 0, "stream": false, "messages": [], "seed": 7});
    options.body = further.as_object().unwrap().clone();
    let text = String::from_utf8(encode(&request(), &options)).unwrap();
    let expected = r#"{"model":"qwen3-coder","stream":true,"stream_options":{"include_usage":true},"temperature":0,"seed":7,"messages":[{"role":"system","#;
    assert_eq!(&text[..expected.len()], expected);
}

#[test]
fn two_steps_of_a_plan_share_their_first_bytes() {
    let mut other = request();
    other.own = "\"quoted\"\nother".to_owned();
    other.step = "9.9".to_owned();
    other.attempt = 3;
    let (one, two) = (encode(&request(), &options()), encode(&other, &options()));
    let same = one.iter().zip(&two).take_while(|(a, b)| a == b).count();
    assert!(one[..same].ends_with(br#""content":"a \"quoted\"\n"#));
}

#[test]
fn decodes_each_payload() {
    let text = |text: &'static str| Chunk {
        text: Some(text.into()),
        ..Chunk::default()
    };
    let cases = [
        (
            "[DONE]",
            Chunk {
                done: true,
                ..Chunk::default()
            },
        ),
        (r#"{"choices":[]}"#, Chunk::default()),
        ("{}", Chunk::default()),
        (r#"{"choices":null}"#, Chunk::default()),
        (
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}"#,
            text(""),
        ),
        (
            r#"{"choices":[{"delta":{"content":"a\nb"}}],"obfuscation":"xyz","service_tier":{"a":[1,{}]}}"#,
            text("a\nb"),
        ),
        (
            r#"{"choices":[{"index":1,"delta":{"content":"other"}},{"index":0,"delta":{"content":"mine"}}]}"#,
            text("mine"),
        ),
        (
            r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0}],"reasoning_content":"hm"}}]}"#,
            Chunk::default(),
        ),
        (
            r#"{"id":"c-1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}"#,
            Chunk {
                id: Some("c-1".into()),
                model: Some("m".into()),
                finish: Some(Finish::Stop),
                ..Chunk::default()
            },
        ),
        (
            r#"{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":8}}}"#,
            Chunk {
                usage: Some(Usage {
                    input: 10,
                    cached: 8,
                    output: 5,
                }),
                ..Chunk::default()
            },
        ),
        (
            r#"{"choices":[{"index":0,"delta":{"refusal":"no"},"finish_reason":"tool_calls"}]}"#,
            Chunk {
                refusal: Some("no".into()),
                finish: Some(Finish::Other("tool_calls".to_owned())),
                ..Chunk::default()
            },
        ),
        (
            r#"{"error":{"message":"slow","type":"overloaded_error"}}"#,
            Chunk {
                error: Some(ServerError {
                    message: Some("slow".to_owned()),
                    kind: Some("overloaded_error".to_owned()),
                    ..ServerError::default()
                }),
                ..Chunk::default()
            },
        ),
        (
            r#"{"object":"error","message":"bad","code":400}"#,
            Chunk {
                error: Some(ServerError {
                    message: Some("bad".to_owned()),
                    code: Some("400".to_owned()),
                    status: Some(400),
                    ..ServerError::default()
                }),
                ..Chunk::default()
            },
        ),
        (
            r#"{"error":null,"choices":[{"delta":{"content":"x"},"finish_reason":""}]}"#,
            text("x"),
        ),
    ];
    for (data, expected) in cases {
        assert_eq!(decode(data), Ok(expected), "{data}");
    }
}

#[test]
fn what_is_not_a_payload_is_malformed() {
    for data in [
        "",
        "x",
        "[]",
        "3",
        r#"{"choices":[{"delta":{"content":"#,
        r#"{"choices":{}}"#,
        "{}{}",
    ] {
        assert!(decode(data).is_err(), "{data}");
    }
}

#[test]
fn text_without_escapes_is_borrowed() {
    let data = r#"{"choices":[{"delta":{"content":"plain"}}]}"#;
    assert!(matches!(decode(data).unwrap().text, Some(Cow::Borrowed("plain"))));
}

#[test]
fn a_reply_that_came_at_once_is_whole() {
    let body = br#"{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hello","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
    let expected = Chunk {
        id: Some("c".into()),
        model: Some("m".into()),
        text: Some("hello".into()),
        finish: Some(Finish::Stop),
        usage: Some(Usage {
            input: 3,
            cached: 0,
            output: 1,
        }),
        done: true,
        ..Chunk::default()
    };
    assert_eq!(decode_whole(body), Ok(expected));
    assert_eq!(
        decode_whole(br#"{"id":"c"}"#),
        Err(Malformed("it holds no choice".to_owned()))
    );
    assert!(decode_whole(b"\xff").is_err());
    let error = decode_whole(br#"{"message":"broken"}"#).unwrap().error.unwrap();
    assert_eq!(error.message.as_deref(), Some("broken"));
}
