use super::*;
use crate::llm::{Finish, Reply, Usage};

#[test]
fn a_batch_is_read_while_it_runs_and_at_its_end() {
    let of = |status: &str, counts: &str| {
        let text = format!(
            r#"{{"id":"b","type":"message_batch","processing_status":"{status}","request_counts":{{{counts}}},
            "created_at":"2024-09-24T18:37:24.100435Z","results_url":null}}"#
        );
        read(text.as_bytes()).unwrap()
    };
    let running = Told {
        id: "b".to_owned(),
        status: "in_progress".to_owned(),
        counts: Counts {
            total: 3,
            ..Counts::default()
        },
        created: Some(1_727_203_044),
        ..Told::default()
    };
    assert_eq!(of("in_progress", r#""processing":3"#), running);
    let ended = Told {
        status: "ended".to_owned(),
        ended: true,
        counts: Counts {
            total: 6,
            succeeded: 3,
            failed: 3,
        },
        ..running
    };
    let counts = r#""processing":0,"succeeded":3,"errored":1,"canceled":1,"expired":1"#;
    assert_eq!(of("ended", counts), ended);
    assert!(!of("canceling", "").ended);
    assert!(read(br#"{"type":"error","error":{"message":"no"}}"#).is_err());
}

#[test]
fn a_page_says_what_comes_next() {
    let page = |more: bool| {
        let text = format!(
            r#"{{"data":[{{"id":"b","processing_status":"ended"}}],"has_more":{more},"first_id":"b","last_id":"b"}}"#
        );
        read_page(text.as_bytes()).unwrap().next
    };
    assert_eq!((page(true), page(false)), (Some("b".to_owned()), None));
}

#[test]
fn a_line_is_a_reply_or_why_there_is_none() {
    let of = |result: &str| read_line(format!(r#"{{"custom_id":"a","result":{result}}}"#).as_bytes());
    let message = r#"{"id":"msg","model":"m","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn",
        "usage":{"input_tokens":5,"output_tokens":2}}"#;
    let reply = Reply {
        text: "hi".to_owned(),
        finish: Finish::Stop,
        usage: Some(Usage {
            input: 5,
            cached: 0,
            output: 2,
        }),
        model: Some("m".to_owned()),
        request_id: Some("msg".to_owned()),
    };
    assert_eq!(
        of(&format!(r#"{{"type":"succeeded","message":{message}}}"#)),
        Ok(Outcome::Reply(reply))
    );
    let refused = ServerError {
        message: Some("bad".to_owned()),
        kind: Some("invalid_request_error".to_owned()),
        ..ServerError::default()
    };
    let error = r#"{"type":"error","error":{"type":"invalid_request_error","message":"bad"}}"#;
    assert_eq!(
        of(&format!(r#"{{"type":"errored","error":{error}}}"#)),
        Ok(Outcome::Refused(refused))
    );
    assert_eq!(of(r#"{"type":"expired"}"#), Ok(Outcome::Expired));
    assert_eq!(of(r#"{"type":"canceled"}"#), Ok(Outcome::Cancelled));
    assert!(of(r#"{"type":"new"}"#).is_err());
    assert!(of(r#"{"type":"succeeded"}"#).is_err());
}
