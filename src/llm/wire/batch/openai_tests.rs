use super::*;
use crate::llm::{Finish, Reply, Usage};

#[test]
fn a_batch_is_read_in_every_status() {
    let whole = r#"{"id":"b","object":"batch","endpoint":"/v1/responses","errors":null,"input_file_id":"f",
        "completion_window":"24h","status":"completed","output_file_id":"o","error_file_id":"e","created_at":7,
        "request_counts":{"total":3,"completed":2,"failed":1},"metadata":{"stepgate":"m","other":"x"}}"#;
    let expected = Told {
        id: "b".to_owned(),
        status: "completed".to_owned(),
        ended: true,
        counts: Counts {
            total: 3,
            succeeded: 2,
            failed: 1,
        },
        created: Some(7),
        mark: Some("m".to_owned()),
        input: Some("f".to_owned()),
        results: vec!["o".to_owned(), "e".to_owned()],
        failure: None,
    };
    assert_eq!(read(whole.as_bytes()), Ok(expected));
    for (status, ended) in [
        ("validating", false),
        ("failed", true),
        ("in_progress", false),
        ("finalizing", false),
        ("expired", true),
        ("cancelling", false),
        ("cancelled", true),
        ("something new", false),
    ] {
        let told = read(format!(r#"{{"id":"b","status":"{status}","metadata":null}}"#).as_bytes()).unwrap();
        assert_eq!((told.ended, told.mark), (ended, None), "{status}");
    }
    let failed =
        r#"{"id":"b","status":"failed","errors":{"data":[{"code":"c","message":"bad line","line":3}]}}"#;
    assert_eq!(
        read(failed.as_bytes()).unwrap().failure.unwrap(),
        "bad line (line 3)"
    );
    assert!(read(br#"{"error":{"message":"no"}}"#).is_err());
    assert!(read(b"<html>").is_err());
}

#[test]
fn a_page_says_what_comes_next() {
    let page = |more: &str| {
        let text = format!(r#"{{"data":[{{"id":"a","status":"x"}},{{"id":"b","status":"x"}}]{more}}}"#);
        let page = read_page(text.as_bytes()).unwrap();
        (page.batches.len(), page.next)
    };
    assert_eq!(page(""), (2, None));
    assert_eq!(page(r#","has_more":false,"last_id":"b""#), (2, None));
    assert_eq!(
        page(r#","has_more":true,"last_id":"z""#),
        (2, Some("z".to_owned()))
    );
    assert_eq!(page(r#","has_more":true"#), (2, Some("b".to_owned())));
    assert_eq!(read_page(br#"{"data":[],"has_more":true}"#), Ok(Page::default()));
}

#[test]
fn a_line_is_a_reply_or_why_there_is_none() {
    let body = r#"{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"hi \u00fc"},"finish_reason":"stop"}],
        "usage":{"prompt_tokens":5,"completion_tokens":2}}"#;
    let line = |rest: &str| format!(r#"{{"id":"r","custom_id":"a_1-1",{rest}}}"#);
    let of = |rest: &str| read_line(Dialect::Chat, line(rest).as_bytes());
    let reply = Reply {
        text: "hi \u{fc}".to_owned(),
        finish: Finish::Stop,
        usage: Some(Usage {
            input: 5,
            cached: 0,
            output: 2,
        }),
        model: Some("m".to_owned()),
        request_id: Some("q".to_owned()),
    };
    assert_eq!(
        of(&format!(
            r#""response":{{"status_code":200,"request_id":"q","body":{body}}},"error":null"#
        )),
        Ok(Outcome::Reply(reply))
    );
    let refused = ServerError {
        message: Some("too long".to_owned()),
        code: Some("c".to_owned()),
        kind: None,
        status: Some(400),
    };
    assert_eq!(
        of(
            r#""response":{"status_code":400,"body":{"error":{"message":"too long","code":"c"}}},"error":null"#
        ),
        Ok(Outcome::Refused(refused))
    );
    let error = |code: &str| {
        of(&format!(
            r#""response":null,"error":{{"code":"{code}","message":"m"}}"#
        ))
    };
    assert_eq!(error("batch_expired"), Ok(Outcome::Expired));
    assert_eq!(error("batch_cancelled"), Ok(Outcome::Cancelled));
    assert!(matches!(error("other"), Ok(Outcome::Refused(_))));
    assert!(of(r#""response":null"#).is_err());
    assert!(of(r#""response":{"status_code":200,"body":{}}"#).is_err());
    assert!(of(r#""response":{"status_code":200}"#).is_err());
}

#[test]
fn a_reply_of_responses_is_read_too() {
    let body = r#"{"id":"r","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},
        "output":[{"type":"message","content":[{"type":"output_text","text":"half"}]}]}"#;
    let line = format!(r#"{{"custom_id":"a","response":{{"status_code":200,"body":{body}}}}}"#);
    let Ok(Outcome::Reply(reply)) = read_line(Dialect::Responses, line.as_bytes()) else {
        panic!("no reply");
    };
    assert_eq!((reply.text.as_str(), reply.finish), ("half", Finish::Length));
}

#[test]
fn what_is_sent_has_its_shape() {
    let create = Create {
        input: "f",
        path: "/v1/responses",
        mark: "m",
    };
    assert_eq!(
        String::from_utf8(create.body()).unwrap(),
        r#"{"input_file_id":"f","endpoint":"/v1/responses","completion_window":"24h","metadata":{"stepgate":"m"}}"#
    );
    let form = Form::new("a.jsonl", "edge");
    let body = [form.head, b"{}\n".to_vec(), form.tail].concat();
    assert_eq!(
        String::from_utf8(body).unwrap().replace("\r\n", "|"),
        "--edge|content-disposition: form-data; name=\"purpose\"||batch|--edge|content-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"|content-type: application/jsonl||{}\n|--edge--|"
    );
    assert_eq!(form.content_type, "multipart/form-data; boundary=edge");
    assert_eq!(
        Form::read(br#"{"id":"f-1","object":"file"}"#),
        Ok("f-1".to_owned())
    );
    assert!(Form::read(b"{}").is_err());
}
