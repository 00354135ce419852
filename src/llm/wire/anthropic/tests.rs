use super::*;

fn request() -> Request {
    Request {
        system: "You are careful.".into(),
        shared: "the plan\n".into(),
        own: "\nstep \"1.2\"".to_owned(),
        step: "1.2".to_owned(),
        attempt: 1,
    }
}

fn options() -> Options {
    Options {
        model: "claude".to_owned(),
        max_tokens: Some(4096),
        ..Options::default()
    }
}

fn encoded(request: &Request, options: &Options) -> String {
    String::from_utf8(encode(request, options)).unwrap()
}

const MARK: &str = r#""cache_control":{"type":"ephemeral"}"#;

#[test]
fn the_body_is_exactly_this() {
    let expected = concat!(
        r#"{"model":"claude","stream":true,"max_tokens":4096,"#,
        r#""system":[{"type":"text","text":"You are careful."}],"#,
        r#""messages":[{"role":"user","content":[{"type":"text","text":"the plan\n","cache_control":{"type":"ephemeral"}},"#,
        r#"{"type":"text","text":"\nstep \"1.2\""}]}]}"#
    );
    assert_eq!(encoded(&request(), &options()), expected);
}

#[test]
fn the_mark_stands_at_the_end_of_what_is_shared() {
    let mut alone = request();
    alone.ask("alone");
    alone.own = request().user();
    let expected = format!(
        r#""system":[{{"type":"text","text":"You are careful.",{MARK}}}],"messages":[{{"role":"user","content":[{{"type":"text","text":"the plan\n\nstep \"1.2\""}}]}}]}}"#
    );
    let text = encoded(&alone, &options());
    assert!(text.ends_with(&expected), "{text}");
    // The API takes no blank block, and no mark on one.
    alone.system = "".into();
    alone.shared = std::mem::take(&mut alone.own).into();
    let expected = format!(
        r#""max_tokens":4096,"messages":[{{"role":"user","content":[{{"type":"text","text":"the plan\n\nstep \"1.2\"",{MARK}}}]}}]}}"#
    );
    let text = encoded(&alone, &options());
    assert!(text.ends_with(&expected), "{text}");
}

#[test]
fn two_steps_of_a_plan_are_equal_up_to_the_mark() {
    let mut other = request();
    other.own = "\nother".to_owned();
    let (one, two) = (encoded(&request(), &options()), encoded(&other, &options()));
    let end = one.find(MARK).unwrap() + MARK.len();
    assert_eq!(one[..end], two[..end]);
}

#[test]
fn further_keys_replace_none_of_ours_and_the_limit_has_a_default() {
    let mut options = options();
    options.max_tokens = None;
    let further = json!({"temperature": 0, "system": "x", "stream": false, "thinking": {"type": "disabled"}});
    options.body = further.as_object().unwrap().clone();
    let text = encoded(&request(), &options);
    let expected = r#"{"model":"claude","stream":true,"max_tokens":32000,"temperature":0,"thinking":{"type":"disabled"},"system":[{"#;
    assert_eq!(&text[..expected.len()], expected);
}

#[test]
fn decodes_each_event() {
    let usage = |input, cached, output| {
        Some(Usage {
            input,
            cached,
            output,
        })
    };
    let text = |text: &'static str| Chunk {
        text: Some(text.into()),
        ..Chunk::default()
    };
    let finish = |finish| Chunk {
        finish: Some(finish),
        ..Chunk::default()
    };
    let cases = [
        (
            r#"{"type":"message_start","message":{"id":"msg_1","type":"message","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":3,"cache_creation_input_tokens":100,"cache_read_input_tokens":2000,"cache_creation":{"ephemeral_5m_input_tokens":100},"output_tokens":1,"service_tier":"standard"}}}"#,
            Chunk {
                id: Some("msg_1".into()),
                model: Some("m".into()),
                usage: usage(2103, 2000, 1),
                ..Chunk::default()
            },
        ),
        (
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            text(""),
        ),
        (
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
            Chunk::default(),
        ),
        (
            r#"{"type":"ping"}"#,
            Chunk {
                ping: true,
                ..Chunk::default()
            },
        ),
        (
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\nb"}}"#,
            text("a\nb"),
        ),
        (
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
            Chunk::default(),
        ),
        (
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"x"}}"#,
            Chunk::default(),
        ),
        (
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{"}}"#,
            Chunk::default(),
        ),
        (r#"{"type":"content_block_stop","index":0}"#, Chunk::default()),
        (
            r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}"#,
            Chunk {
                finish: Some(Finish::Stop),
                usage: usage(0, 0, 15),
                ..Chunk::default()
            },
        ),
        (
            r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens"}}"#,
            finish(Finish::Length),
        ),
        (
            r#"{"type":"message_delta","delta":{"stop_reason":"model_context_window_exceeded"}}"#,
            finish(Finish::Length),
        ),
        (
            r#"{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"."}}"#,
            finish(Finish::Stop),
        ),
        (
            r#"{"type":"message_delta","delta":{"stop_reason":"refusal"}}"#,
            finish(Finish::Refusal),
        ),
        (
            r#"{"type":"message_delta","delta":{"stop_reason":"pause_turn"}}"#,
            finish(Finish::Other("pause_turn".to_owned())),
        ),
        (
            r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"}}"#,
            finish(Finish::Other("tool_use".to_owned())),
        ),
        (
            r#"{"type":"message_stop"}"#,
            Chunk {
                done: true,
                ..Chunk::default()
            },
        ),
        (r#"{"type":"something_new","delta":{"x":[1]}}"#, Chunk::default()),
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#,
            Chunk {
                error: Some(ServerError {
                    message: Some("Overloaded".to_owned()),
                    kind: Some("overloaded_error".to_owned()),
                    ..ServerError::default()
                }),
                ..Chunk::default()
            },
        ),
    ];
    for (data, expected) in cases {
        assert_eq!(decode(data), Ok(expected), "{data}");
    }
    for data in [
        "",
        "x",
        "[DONE]",
        "[]",
        r#"{"type":"content_block_delta","delta":{"text":"#,
        "{}{}",
    ] {
        assert!(decode(data).is_err(), "{data}");
    }
}

#[test]
fn a_reply_that_came_at_once_is_whole() {
    let body = br#"{"id":"msg_1","type":"message","model":"m","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"one"},{"type":"tool_use","input":{}},{"type":"text","text":" two"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}"#;
    let expected = Chunk {
        id: Some("msg_1".into()),
        model: Some("m".into()),
        text: Some("one two".into()),
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
        decode_whole(br#"{"id":"x"}"#),
        Err(Malformed("it holds no content".to_owned()))
    );
    let body = br#"{"type":"error","error":{"type":"api_error","message":"broken"}}"#;
    let error = decode_whole(body).unwrap().error.unwrap();
    assert_eq!(error.line(), "api_error: broken");
}
