use super::*;

fn request() -> Request {
    Request {
        system: "You are careful.".into(),
        shared: "the plan\n".into(),
        own: "step \"1.2\"".to_owned(),
        step: "1.2".to_owned(),
        attempt: 1,
    }
}

fn options() -> Options {
    Options {
        model: "gpt".to_owned(),
        max_tokens: Some(4096),
        ..Options::default()
    }
}

#[test]
fn the_body_is_exactly_this() {
    let expected = concat!(
        r#"{"model":"gpt","stream":true,"store":false,"max_output_tokens":4096,"#,
        r#""instructions":"You are careful.","input":[{"role":"user","content":"the plan\nstep \"1.2\""}]}"#
    );
    assert_eq!(
        String::from_utf8(encode(&request(), &options())).unwrap(),
        expected
    );
}

#[test]
fn further_keys_stand_before_the_texts_and_replace_none_of_ours() {
    let mut options = options();
    options.max_tokens = None;
    let further = json!({"reasoning": {"effort": "low"}, "input": "x", "stream": false, "store": true});
    options.body = further.as_object().unwrap().clone();
    let text = String::from_utf8(encode(&request(), &options)).unwrap();
    let expected =
        r#"{"model":"gpt","stream":true,"store":true,"reasoning":{"effort":"low"},"instructions":"You"#;
    assert_eq!(&text[..expected.len()], expected);
}

#[test]
fn decodes_each_event() {
    let end = |finish| Chunk {
        finish: Some(finish),
        done: true,
        ..Chunk::default()
    };
    let error = |code: Option<&str>, message: &str| Chunk {
        error: Some(ServerError {
            message: Some(message.to_owned()),
            code: code.map(str::to_owned),
            ..ServerError::default()
        }),
        ..Chunk::default()
    };
    let cases = [
        (
            r#"{"type":"response.created","response":{"id":"resp_1","model":"m","status":"in_progress","error":null,"output":[],"usage":null},"sequence_number":0}"#,
            Chunk {
                id: Some("resp_1".into()),
                model: Some("m".into()),
                ..Chunk::default()
            },
        ),
        (
            r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","content":[]}}"#,
            Chunk::default(),
        ),
        (
            r#"{"type":"response.output_text.delta","item_id":"i","output_index":0,"content_index":0,"delta":"a\nb","obfuscation":"x"}"#,
            Chunk {
                text: Some("a\nb".into()),
                ..Chunk::default()
            },
        ),
        (
            r#"{"type":"response.output_text.done","text":"a\nb"}"#,
            Chunk::default(),
        ),
        (
            r#"{"type":"response.reasoning_summary_text.delta","delta":"hm"}"#,
            Chunk::default(),
        ),
        (
            r#"{"type":"response.something_new","delta":{"x":[1]}}"#,
            Chunk::default(),
        ),
        (
            r#"{"type":"response.refusal.delta","delta":"I cannot"}"#,
            Chunk {
                refusal: Some("I cannot".into()),
                ..Chunk::default()
            },
        ),
        (
            r#"{"type":"response.completed","response":{"id":"resp_1","model":"m","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"ab"}]}],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":8},"output_tokens":5,"total_tokens":15}}}"#,
            Chunk {
                id: Some("resp_1".into()),
                model: Some("m".into()),
                usage: Some(Usage {
                    input: 10,
                    cached: 8,
                    output: 5,
                }),
                ..end(Finish::Stop)
            },
        ),
        (
            r#"{"type":"response.incomplete","response":{"incomplete_details":{"reason":"max_output_tokens"}}}"#,
            end(Finish::Length),
        ),
        (
            r#"{"type":"response.incomplete","response":{"incomplete_details":{"reason":"content_filter"}}}"#,
            end(Finish::ContentFilter),
        ),
        (
            r#"{"type":"response.incomplete","response":{"incomplete_details":null}}"#,
            end(Finish::Other("incomplete".to_owned())),
        ),
        (
            r#"{"type":"response.failed","response":{"error":{"code":"server_error","message":"broken"}}}"#,
            error(Some("server_error"), "broken"),
        ),
        (
            r#"{"type":"error","code":"rate_limit_exceeded","message":"slow","param":null,"sequence_number":3}"#,
            error(Some("rate_limit_exceeded"), "slow"),
        ),
        (
            r#"{"type":"error","code":null,"message":"slow"}"#,
            error(None, "slow"),
        ),
        (
            r#"{"type":"error","error":{"code":"server_error","message":"nested"}}"#,
            error(Some("server_error"), "nested"),
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
        r#"{"type":"response.output_text.delta","delta":"#,
        "{}{}",
    ] {
        assert!(decode(data).is_err(), "{data}");
    }
}

#[test]
fn a_reply_that_came_at_once_is_whole() {
    let body = br#"{"id":"resp_1","object":"response","status":"completed","model":"m","error":null,"output":[{"type":"reasoning","content":[{"type":"reasoning_text","text":"hm"}]},{"type":"message","content":[{"type":"output_text","text":"one"},{"type":"output_text","text":" two"}]}],"usage":{"input_tokens":3,"output_tokens":1}}"#;
    let whole = |text: &'static str, finish| Chunk {
        id: Some("resp_1".into()),
        model: Some("m".into()),
        text: Some(text.into()),
        finish: Some(finish),
        done: true,
        ..Chunk::default()
    };
    let expected = Chunk {
        usage: Some(Usage {
            input: 3,
            cached: 0,
            output: 1,
        }),
        ..whole("one two", Finish::Stop)
    };
    assert_eq!(decode_whole(body), Ok(expected));
    let body = br#"{"id":"resp_1","status":"completed","model":"m","output":[{"type":"message","content":[{"type":"refusal","refusal":"no"}]}]}"#;
    let expected = Chunk {
        refusal: Some("no".into()),
        ..whole("", Finish::Stop)
    };
    assert_eq!(decode_whole(body), Ok(expected));
    let body = br#"{"id":"resp_1","status":"incomplete","model":"m","incomplete_details":{"reason":"max_output_tokens"},"output":[]}"#;
    assert_eq!(decode_whole(body), Ok(whole("", Finish::Length)));
    for (body, why) in [
        (r#"{"id":"x"}"#, "it holds no response"),
        (r#"{"status":"in_progress"}"#, "the response is not at its end"),
    ] {
        assert_eq!(decode_whole(body.as_bytes()), Err(Malformed(why.to_owned())));
    }
    for body in [
        r#"{"status":"failed","error":{"code":"server_error","message":"broken"}}"#,
        r#"{"error":{"code":"server_error","message":"broken"}}"#,
    ] {
        let error = decode_whole(body.as_bytes()).unwrap().error.unwrap();
        assert_eq!(error.line(), "server_error: broken");
    }
}
