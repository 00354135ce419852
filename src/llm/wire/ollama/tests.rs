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
        model: "qwen3".to_owned(),
        max_tokens: Some(4096),
        num_ctx: Some(32_768),
        ..Options::default()
    }
}

const MESSAGES: &str = r#""messages":[{"role":"system","content":"You are careful."},{"role":"user","content":"the plan\nstep \"1.2\""}]}"#;

#[test]
fn the_body_is_exactly_this() {
    let expected = format!(
        r#"{{"model":"qwen3","stream":true,"truncate":false,"shift":false,"options":{{"num_ctx":32768,"num_predict":4096}},{MESSAGES}"#
    );
    assert_eq!(
        String::from_utf8(encode(&request(), &options())).unwrap(),
        expected
    );
    let bare = Options {
        model: "qwen3".to_owned(),
        ..Options::default()
    };
    let expected = format!(r#"{{"model":"qwen3","stream":true,"truncate":false,"shift":false,{MESSAGES}"#);
    assert_eq!(String::from_utf8(encode(&request(), &bare)).unwrap(), expected);
}

#[test]
fn further_options_stand_beside_ours_and_replace_none() {
    let mut options = options();
    let further = json!({"options": {"num_ctx": 1, "temperature": 0}, "keep_alive": "1h", "truncate": true});
    options.body = further.as_object().unwrap().clone();
    let expected = format!(
        r#"{{"model":"qwen3","stream":true,"truncate":false,"shift":false,"keep_alive":"1h","options":{{"num_ctx":32768,"temperature":0,"num_predict":4096}},{MESSAGES}"#
    );
    assert_eq!(String::from_utf8(encode(&request(), &options)).unwrap(), expected);
}

#[test]
fn decodes_each_line() {
    let text = |text: &'static str| Chunk {
        model: Some("m".into()),
        text: Some(text.into()),
        ..Chunk::default()
    };
    let done = |finish| Chunk {
        finish,
        done: true,
        ..text("")
    };
    let cases = [
        (
            r#"{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"a\nb"},"done":false}"#,
            text("a\nb"),
        ),
        (
            r#"{"model":"m","message":{"role":"assistant","content":"","thinking":"hm"},"done":false}"#,
            text(""),
        ),
        (
            r#"{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":1,"prompt_eval_count":10,"eval_count":5}"#,
            Chunk {
                usage: Some(Usage {
                    input: 10,
                    cached: 0,
                    output: 5,
                }),
                ..done(Some(Finish::Stop))
            },
        ),
        (
            r#"{"model":"m","message":{"content":""},"done":true,"done_reason":"length","eval_count":5}"#,
            done(Some(Finish::Length)),
        ),
        (
            r#"{"model":"m","message":{"content":""},"done":true,"done_reason":"load"}"#,
            done(Some(Finish::Other("load".to_owned()))),
        ),
        (
            r#"{"model":"m","message":{"content":""},"done":true}"#,
            done(None),
        ),
        (
            r#"{"error":"model runner has unexpectedly stopped"}"#,
            Chunk {
                error: Some(ServerError {
                    message: Some("model runner has unexpectedly stopped".to_owned()),
                    ..ServerError::default()
                }),
                ..Chunk::default()
            },
        ),
    ];
    for (data, expected) in cases {
        assert_eq!(decode(data), Ok(expected), "{data}");
    }
    for data in ["", "x", "data: {}", "[]", r#"{"message":{"content":"#, "{}{}"] {
        assert!(decode(data).is_err(), "{data}");
    }
}

#[test]
fn a_reply_that_came_at_once_is_whole_when_it_says_so() {
    let body =
        br#"{"model":"m","message":{"role":"assistant","content":"hello"},"done":true,"done_reason":"stop"}"#;
    let expected = Chunk {
        model: Some("m".into()),
        text: Some("hello".into()),
        finish: Some(Finish::Stop),
        done: true,
        ..Chunk::default()
    };
    assert_eq!(decode_whole(body), Ok(expected));
    assert_eq!(
        decode_whole(br#"{"model":"m"}"#),
        Err(Malformed("it holds no message".to_owned()))
    );
}
