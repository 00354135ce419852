//! Every fault of a scenario, and the bytes that a client sees of it.

use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use crate::support::mock_server::{End, MockServer, chat, wait_until};
use crate::support::project::Project;

/// A server whose only rule answers "one two three four" with a fault, one write a chunk.
pub(crate) fn with(fault: &str) -> (Project, MockServer) {
    reply(&format!(
        "text = \"one two three four\"\npace = {{ flush = true }}\nfault = {fault}"
    ))
}

pub(crate) fn reply(reply: &str) -> (Project, MockServer) {
    let project = Project::new();
    let scenario = format!(
        "description = \"a fault\"\nseed = 7\n[[rule]]\ndescription = \"fails\"\n[[rule.reply]]\n{reply}\n"
    );
    let server = MockServer::of(&project, &scenario);
    (project, server)
}

#[test]
fn a_status_comes_with_its_headers_and_its_body() {
    let (_project, server) = reply(
        "error = { status = 503, message = \"unused\", body = \"<html>busy</html>\" }\nheaders = { \"x-served-by\" = \"a\", \"content-type\" = \"text/html\" }",
    );
    let heard = server.chat("m", true);
    assert_eq!((heard.status, heard.text().as_str()), (503, "<html>busy</html>"));
    assert_eq!(heard.header("x-served-by"), Some("a"));
    assert_eq!(heard.header("content-type"), Some("text/html"));
}

#[test]
fn a_client_is_told_when_to_come_again_in_both_forms() {
    let (_project, server) = reply("error = { status = 429, message = \"slow down\", retry_after = \"2s\" }");
    assert_eq!(server.chat("m", false).header("retry-after"), Some("2"));
    let (_project, server) =
        reply("error = { status = 429, message = \"slow down\", retry_after = { date = \"90s\" } }");
    let before = SystemTime::now();
    let heard = server.chat("m", false);
    let date = httpdate::parse_http_date(heard.header("retry-after").unwrap()).unwrap();
    let ahead = date.duration_since(before).unwrap();
    assert!(
        (Duration::from_secs(88)..=Duration::from_secs(150)).contains(&ahead),
        "{ahead:?}"
    );
    assert_eq!(heard.json()["error"]["message"], "slow down");
}

#[test]
fn a_delay_lies_before_the_head() {
    let (_project, server) = with("{ delay = \"200ms\" }");
    let begun = Instant::now();
    let mut talk = server.connect();
    talk.ask("POST", "/v1/chat/completions", &[], chat("m", true).as_bytes());
    talk.some().unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[test]
fn a_stream_that_stalls_goes_on_or_waits_for_ever() {
    let (_project, server) = with("{ stall = { after_chunks = 2, for = \"150ms\" } }");
    let begun = Instant::now();
    let heard = server.chat("m", true);
    assert!(begun.elapsed() >= Duration::from_millis(150));
    assert_eq!(
        (heard.said().as_str(), heard.end),
        ("one two three four", End::Whole)
    );

    let (_project, server) = with("{ stall = { after_chunks = 2 } }");
    let mut talk = server.connect();
    talk.ask("POST", "/v1/chat/completions", &[], chat("m", true).as_bytes());
    let two = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("\"two \"");
    let bytes = talk.until(two).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("thre"));
    // The client gives up; the server lets go of it and serves on.
    drop(talk);
    assert_eq!(server.ask("GET", "/v1/models", "").status, 200);
}

#[test]
fn a_response_is_cut_where_it_is_asked_for() {
    let cases = [
        (
            "{ cut = { after_chunks = 2, how = \"closed\" } }",
            "one two ",
            End::Closed,
        ),
        (
            "{ cut = { after_chunks = 2, how = \"ended\" } }",
            "one two ",
            End::Whole,
        ),
        (
            "{ cut = { after_chunks = 0, how = \"closed\" } }",
            "",
            End::Closed,
        ),
        (
            "{ cut = { after_chunks = 99, how = \"closed\" } }",
            "one two three four",
            End::Closed,
        ),
    ];
    for (fault, said, end) in cases {
        let (_project, server) = with(fault);
        let heard = server.chat("m", true);
        assert_eq!((heard.said().as_str(), heard.end), (said, end), "{fault}");
        assert!(!heard.text().contains("[DONE]"), "{fault}");
    }
}

#[test]
fn a_connection_is_reset() {
    let (_project, server) = with("{ cut = { after_chunks = 2, how = \"reset\" } }");
    let heard = server.chat("m", true);
    // A reset may overtake what was sent before it.
    assert_eq!(heard.end, End::Reset);
    assert!("one two ".starts_with(&heard.said()), "{}", heard.said());
}

#[test]
fn a_response_is_cut_at_a_byte() {
    for stream in [true, false] {
        let (_project, whole) = with("{ delay = \"1ms\" }");
        let (_project, cut) = with("{ cut = { after_bytes = 37, how = \"closed\" } }");
        let (whole, cut) = (whole.chat("m", stream), cut.chat("m", stream));
        assert_eq!((cut.body.len(), cut.end), (37, End::Closed), "{stream}");
        let created = |text: String| {
            text.split("\"created\"")
                .next()
                .unwrap()
                .chars()
                .take(37)
                .collect::<String>()
        };
        assert_eq!(created(cut.text()), created(whole.text()), "{stream}");
    }
}

#[test]
fn a_payload_is_malformed() {
    let broken = |what: &str, stream| {
        let (_project, server) = with(&format!("{{ malformed = {{ chunk = 1, what = \"{what}\" }} }}"));
        server.chat("m", stream)
    };
    let json = broken("json", true);
    assert_eq!((json.said().as_str(), json.end), ("one three four", End::Whole));
    let text = json.text();
    let bad: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter(|data| *data != "[DONE]" && serde_json::from_str::<serde_json::Value>(data).is_err())
        .collect();
    assert_eq!(bad.len(), 1, "{text}");
    assert!(bad[0].contains("two "), "{text}");
    let event = broken("event", true).text();
    let odd: Vec<&str> = event
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("data: "))
        .collect();
    assert_eq!(odd.len(), 1, "{event}");
    for what in ["json", "event"] {
        let whole = broken(what, false);
        assert_eq!((whole.status, whole.end), (200, End::Whole));
        serde_json::from_slice::<serde_json::Value>(&whole.body).unwrap_err();
    }
}

#[test]
fn writes_end_inside_of_characters() {
    let (_project, server) = reply("text = \"grün €5\"\nfault = { split_characters = true }");
    let heard = server.chat("m", true);
    assert_eq!(heard.said(), "grün €5");
    let split = heard
        .pieces
        .iter()
        .filter(|piece| std::str::from_utf8(piece).is_err())
        .count();
    assert!(split >= 2, "{:?}", heard.pieces);
}

#[test]
fn a_content_type_is_wrong() {
    let (_project, server) = with("{ content_type = \"text/html; charset=utf-8\" }");
    let heard = server.chat("m", true);
    assert_eq!(heard.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(heard.said(), "one two three four");
}

#[test]
fn an_error_comes_after_the_status_said_200() {
    let fault = "{ error_event = { after_chunks = 2, status = 529, message = \"overloaded\" } }";
    let cases = [
        ("/v1/chat/completions", "{\"error\":{"),
        ("/v1/responses", "event: error"),
        ("/v1/messages", "overloaded_error"),
        ("/api/chat", "{\"error\":\"overloaded\"}"),
    ];
    for (path, expected) in cases {
        let (_project, server) = with(fault);
        let body = r#"{"model":"m","max_tokens":9,"stream":true,"input":"hello","messages":[{"role":"user","content":"hello"}]}"#;
        let heard = server.ask("POST", path, body);
        let text = heard.text();
        assert_eq!((heard.status, heard.end), (200, End::Whole), "{path}");
        assert!(
            text.contains(expected) && text.contains("overloaded"),
            "{path}: {text}"
        );
        assert!(text.contains("two ") && !text.contains("thre"), "{path}: {text}");
    }
}

#[test]
fn an_endless_stream_ends_with_its_client() {
    let (_project, server) = with("{ endless = true }");
    let mut talk = server.connect();
    talk.ask("POST", "/v1/chat/completions", &[], chat("m", true).as_bytes());
    let mut heard = 0;
    while heard < 4 << 20 {
        heard += talk.some().unwrap().len();
    }
    drop(talk);
    assert_eq!(server.requests()["total"], 1);
}

#[test]
fn a_refusal_and_a_limit_are_said_in_each_dialect() {
    let cases = [
        (
            "/v1/chat/completions",
            "refusal",
            "/choices/0/message/refusal",
            "no",
        ),
        (
            "/v1/chat/completions",
            "length",
            "/choices/0/finish_reason",
            "length",
        ),
        ("/v1/responses", "refusal", "/output/0/content/0/refusal", "no"),
        (
            "/v1/responses",
            "length",
            "/incomplete_details/reason",
            "max_output_tokens",
        ),
        ("/v1/messages", "refusal", "/stop_reason", "refusal"),
        ("/v1/messages", "length", "/stop_reason", "max_tokens"),
        ("/api/chat", "length", "/done_reason", "length"),
    ];
    for (path, finish, pointer, expected) in cases {
        let (_project, server) = reply(&format!("text = \"no\"\nfinish = \"{finish}\""));
        let body = r#"{"model":"m","max_tokens":9,"stream":false,"input":"hello","messages":[{"role":"user","content":"hello"}]}"#;
        let json = server.ask("POST", path, body).json();
        assert_eq!(
            json.pointer(pointer).unwrap(),
            expected,
            "{path} {finish}: {json}"
        );
    }
}

#[test]
fn connections_are_refused_for_a_while() {
    let (_project, server) = with("{ refuse = \"3s\", times = 1 }");
    let begun = Instant::now();
    let heard = server.chat("m", true);
    assert_eq!((heard.status, heard.end), (0, End::Closed));
    wait_until("refused", || {
        TcpStream::connect(("127.0.0.1", server.port)).is_err()
            || begun.elapsed() > Duration::from_millis(2_900)
    });
    assert!(
        begun.elapsed() < Duration::from_millis(2_900),
        "it was never refused"
    );
    wait_until("accepted again", || {
        TcpStream::connect(("127.0.0.1", server.port)).is_ok()
    });
    assert!(begun.elapsed() >= Duration::from_millis(2_500));
    assert_eq!(server.chat("m", true).said(), "one two three four");
}

#[test]
fn a_connection_is_closed_without_an_answer() {
    let (_project, server) = with("{ hang_up = true, times = 1 }");
    let heard = server.chat("m", false);
    assert_eq!((heard.status, heard.end), (0, End::Closed));
    assert_eq!(server.chat("m", false).status, 200);
}

#[test]
fn bytes_drip() {
    let (_project, server) = with("{ drip = { bytes = 16, every = \"1ms\" } }");
    let heard = server.chat("m", true);
    assert_eq!(heard.said(), "one two three four");
    let longest = heard.pieces.iter().map(Vec::len).max();
    assert_eq!(longest, Some(16));
}

#[test]
fn pings_come_where_nobody_waits_for_them() {
    let body = r#"{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hello"}]}"#;
    let pings = |fault: &str| {
        let (_project, server) = with(fault);
        let text = server.ask("POST", "/v1/messages", body).text();
        let events: Vec<String> = text
            .lines()
            .filter_map(|line| line.strip_prefix("event: "))
            .map(str::to_owned)
            .collect();
        let first = events.first().unwrap() == "ping";
        let last = events.last().unwrap() == "ping";
        (
            events.iter().filter(|event| *event == "ping").count(),
            first,
            last,
        )
    };
    let (ordinary, _, _) = pings("{ delay = \"1ms\" }");
    // Five chunks, each with two.
    assert_eq!(pings("{ pings = \"doubled\" }"), (ordinary + 10, false, false));
    assert_eq!(pings("{ pings = \"misplaced\" }"), (ordinary + 3, true, true));
}

#[test]
fn pings_are_comments_where_there_are_no_events_for_them() {
    for (path, pings) in [
        ("/v1/chat/completions", 10),
        ("/v1/responses", 10),
        ("/api/chat", 0),
    ] {
        let (_project, server) = with("{ pings = \"doubled\" }");
        let body =
            r#"{"model":"m","stream":true,"input":"hello","messages":[{"role":"user","content":"hello"}]}"#;
        let text = server.ask("POST", path, body).text();
        assert_eq!(text.matches(": ping\n\n").count(), pings, "{path}: {text}");
        let blank = text.lines().filter(|line| line.is_empty()).count();
        assert!(path != "/api/chat" || blank == 0, "{text}");
    }
}

#[test]
fn what_never_ends_ends_with_the_server() {
    for fault in ["{ stall = { after_chunks = 1 } }", "{ endless = true }"] {
        let (_project, server) = with(fault);
        let mut talk = server.connect();
        talk.ask("POST", "/v1/chat/completions", &[], chat("m", true).as_bytes());
        talk.some().unwrap();
        let reader = std::thread::spawn(move || while talk.some().is_ok() {});
        let (code, told) = server.end(rustix::process::Signal::TERM);
        assert_eq!(code, Some(0), "{fault}");
        // Not by running out of time.
        assert!(!told.contains("cut"), "{fault}: {told}");
        reader.join().unwrap();
    }
}
