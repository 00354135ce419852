use std::time::{Duration, Instant};

use stepgate::llm::{EndpointError, Finish, Reply, Usage};

use crate::project::{MARKER, Outcome, Project, request};
use crate::wire_server::{
    Act, Script, WireServer, delta, event, finish, gate, reply, response, send, stream_head,
};

const VOID: &str = "nothing of this reply is used; the request may have been billed";

fn hello() -> Reply {
    Reply {
        text: "Hello, w\u{f6}rld".to_owned(),
        finish: Finish::Stop,
        usage: Some(Usage {
            input: 10,
            cached: 0,
            output: 5,
        }),
        model: Some("m-1".to_owned()),
        request_id: Some("req-1".to_owned()),
    }
}

#[test]
fn a_reply_comes_whole_and_the_request_is_what_can_be_printed() {
    let project = Project::with(
        "max_tokens = 64\nheaders = { X-Title = \"stepgate tests\" }\nbody = { temperature = 0 }",
    );
    let (outcome, server) = project.ask([reply("Hello, w\u{f6}rld")]);
    assert_eq!(outcome.result, Ok(hello()));
    assert_eq!(
        (outcome.shown.as_str(), outcome.retries.len()),
        ("Hello, w\u{f6}rld", 0)
    );
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let sent = &requests[0];
    assert_eq!(
        (sent.method.as_str(), sent.path.as_str()),
        ("POST", "/v1/chat/completions")
    );
    assert_eq!(
        sent.body,
        project.endpoint(&server.url()).unwrap().body(&request())
    );
    let body = concat!(
        r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"max_tokens":64,"temperature":0,"#,
        r#""messages":[{"role":"system","content":"You are careful."},{"role":"user","content":"Do step 1.2."}]}"#
    );
    assert_eq!(String::from_utf8_lossy(&sent.body), body);
    let mut headers = sent.headers.clone();
    headers.retain(|(name, _)| name != "host");
    headers.sort();
    let expected = [
        ("accept", "text/event-stream, application/json"),
        ("accept-encoding", "identity"),
        ("authorization", &format!("Bearer {MARKER}")),
        ("content-length", &body.len().to_string()),
        ("content-type", "application/json"),
        ("user-agent", concat!("stepgate/", env!("CARGO_PKG_VERSION"))),
        ("x-title", "stepgate tests"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(headers, expected);
}

#[test]
fn text_is_told_while_the_rest_is_still_to_come() {
    let (open, closed) = gate();
    let server = WireServer::start([vec![
        stream_head(),
        delta("one"),
        Act::Wait(closed),
        delta(" two"),
        finish("stop"),
        event("[DONE]"),
    ]]);
    let mut told = Vec::new();
    // The server does not go on before the first text was told.
    let outcome = Project::default().ask_watching(&server.url(), |text| {
        told.push(text.to_owned());
        let _ = open.send(());
    });
    assert_eq!(told, ["one", " two"]);
    assert_eq!(outcome.result.unwrap().text, "one two");
}

#[test]
fn a_character_cut_in_two_is_whole_again() {
    let whole = "data: {\"choices\":[{\"delta\":{\"content\":\"\u{1f600}\"}}]}\r\n\r\n".as_bytes();
    let at = whole.iter().position(|byte| *byte == 0xf0).unwrap() + 2;
    let (outcome, _) = Project::default().ask([vec![
        stream_head(),
        Act::Send(whole[..at].to_vec()),
        Act::Send(whole[at..].to_vec()),
        finish("stop"),
    ]]);
    assert_eq!(outcome.result.unwrap().text, "\u{1f600}");
}

#[test]
fn the_end_may_be_a_reason_or_a_mark() {
    let (open, closed) = gate();
    let scripts: [Script; 4] = [
        vec![stream_head(), delta("a"), finish("stop")],
        vec![stream_head(), delta("a"), event("[DONE]")],
        // Some servers say why and then keep the connection.
        vec![stream_head(), delta("a"), finish("stop"), Act::Wait(closed)],
        // What breaks after the end breaks nothing.
        vec![
            send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n"),
            delta("a"),
            finish("stop"),
        ],
    ];
    for script in scripts {
        let (outcome, _) = Project::with("idle_timeout = 0.3").ask([script]);
        let reply = outcome.result.unwrap();
        assert_eq!(
            (reply.text.as_str(), &reply.finish, reply.unusable()),
            ("a", &Finish::Stop, None)
        );
    }
    drop(open);
}

#[test]
fn a_reply_that_is_none_is_a_value_with_its_reason() {
    let refusal = r#"{"choices":[{"delta":{"refusal":"I cannot"}}]}"#;
    let cases: [(Script, &str, Finish); 5] = [
        (
            vec![stream_head(), delta("half"), finish("length")],
            "half",
            Finish::Length,
        ),
        (
            vec![stream_head(), finish("content_filter")],
            "",
            Finish::ContentFilter,
        ),
        (
            vec![stream_head(), event(refusal), finish("stop")],
            "I cannot",
            Finish::Refusal,
        ),
        (
            vec![stream_head(), finish("tool_calls")],
            "",
            Finish::Other("tool_calls".to_owned()),
        ),
        (vec![stream_head(), finish("stop")], "", Finish::Stop),
    ];
    for (script, text, reason) in cases {
        let (outcome, server) = Project::default().ask([script]);
        let reply = outcome.result.unwrap();
        assert_eq!((reply.text.as_str(), &reply.finish), (text, &reason));
        assert!(reply.unusable().is_some(), "{reply:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_server_that_does_not_stream_is_understood() {
    let body = r#"{"id":"c","object":"chat.completion","model":"m-2","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
    let (outcome, _) = Project::default().ask([response(200, &[("content-type", "application/json")], body)]);
    let expected = Reply {
        text: "hello".to_owned(),
        finish: Finish::Stop,
        usage: Some(Usage {
            input: 3,
            cached: 0,
            output: 1,
        }),
        model: Some("m-2".to_owned()),
        request_id: Some("c".to_owned()),
    };
    assert_eq!((outcome.result, outcome.shown.as_str()), (Ok(expected), "hello"));
}

#[test]
fn a_broken_reply_is_void_and_is_not_asked_for_again() {
    let json = [("content-type", "application/json")];
    let chunked = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let cases: [(Script, &str); 8] = [
        (
            vec![stream_head(), delta("half")],
            "cut: the reply of endpoint `local` broke off after 4 bytes of text, at `http://SERVER/v1` for model `m`",
        ),
        (
            vec![stream_head()],
            "cut: the reply of endpoint `local` broke off after 0 bytes of text, at `http://SERVER/v1` for model `m`",
        ),
        (
            // The last block lacks its empty line: it was not finished.
            vec![stream_head(), delta("half"), send("data: [DONE]\n")],
            "cut: the reply of endpoint `local` broke off after 4 bytes of text, at `http://SERVER/v1` for model `m`",
        ),
        (
            vec![send(chunked), send("5\r\ndata:")],
            "cut: the reply of endpoint `local` broke off after 0 bytes of text (unexpected EOF during chunk size line), at `http://SERVER/v1` for model `m`",
        ),
        (
            vec![stream_head(), delta("half"), event("{\"choices\":[{\"del")],
            "malformed: the reply of endpoint `local` cannot be read after 4 bytes of text: EOF while parsing a string at line 1 column 17, at `http://SERVER/v1` for model `m`",
        ),
        (
            vec![
                stream_head(),
                delta("half"),
                Act::Send(b"data: {\"a\":\"\xff\"}\n\n".to_vec()),
            ],
            "malformed: the reply of endpoint `local` cannot be read after 4 bytes of text: utf8 parse error: invalid utf-8 sequence of 1 bytes from index 6, at `http://SERVER/v1` for model `m`",
        ),
        (
            vec![stream_head(), event(&format!(r#"{{"choices":"{MARKER}"}}"#))],
            "malformed: the reply of endpoint `local` cannot be read after 0 bytes of text: invalid type: string \"[key]\", expected a sequence at line 1 column 39, at `http://SERVER/v1` for model `m`",
        ),
        (
            response(200, &json, r#"{"choices":[]}"#),
            "malformed: the reply of endpoint `local` cannot be read after 0 bytes of text: it holds no choice, at `http://SERVER/v1` for model `m`",
        ),
    ];
    for (script, expected) in cases {
        let (outcome, server) = Project::default().ask([script]);
        let expected = format!("exit 7\n{expected}\n  help {VOID}\n  help run again later");
        assert_eq!(outcome.told(&server), expected);
        assert_eq!((server.requests().len(), outcome.retries.len()), (1, 0));
    }
}

#[test]
fn silence_is_ended_and_comments_are_no_progress() {
    let limit = "idle_timeout = 0.2";
    let help =
        format!("\n  help {VOID}\n  help raise `idle_timeout` in `[endpoint.local]` for a slow server");
    let expected = format!(
        "exit 7\nsilent: endpoint `local` fell silent for 200 ms after 4 bytes of text, at `http://SERVER/v1` for model `m`{help}"
    );
    for last in [
        Act::Send(Vec::new()),
        Act::Flood(b": ping\n\nevent: ping\n\ndata:\n\n".to_vec()),
    ] {
        let (test, closed) = gate();
        // A flood never ends by itself: it would pass every byte limit but the default, and never the time.
        let script = vec![stream_head(), delta("half"), last, Act::UntilClosed(test)];
        let (outcome, server) = Project::with(&format!("{limit}\nbody_limit = 1073741824")).ask([script]);
        assert_eq!(outcome.told(&server), expected);
        drop(closed);
    }
}

#[test]
fn a_slow_reply_that_keeps_coming_is_not_ended() {
    let (open, closed) = gate();
    let mut script = vec![stream_head()];
    for _ in 0..8 {
        script.push(delta("x"));
    }
    script.extend([Act::Wait(closed), delta("y"), finish("stop")]);
    let server = WireServer::start([script]);
    let start = Instant::now();
    let opener = std::cell::RefCell::new(Some(open));
    let outcome = Project::with("idle_timeout = 30").ask_watching(&server.url(), |text| {
        if text.starts_with('x') {
            opener.borrow_mut().take();
        }
    });
    assert_eq!(outcome.result.unwrap().text, "xxxxxxxxy");
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_body_over_the_limit_is_cut_and_the_connection_closed() {
    let json = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    let text = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
        "a".repeat(65_000)
    );
    let cases = [
        (vec![stream_head()], text.into_bytes(), "", "16 MiB"),
        (
            vec![stream_head(), send("data: ")],
            vec![b'a'; 65_536],
            "",
            "16 MiB",
        ),
        (vec![stream_head(), send(":")], vec![b'a'; 65_536], "", "16 MiB"),
        (vec![send(json)], vec![b' '; 65_536], "", "16 MiB"),
        // Events that say nothing end as well, later.
        (
            vec![stream_head()],
            b"data: {\"choices\":[]}\n\n".repeat(999),
            "body_limit = 65_536",
            "1 MiB",
        ),
    ];
    for (mut script, endless, setting, limit) in cases {
        script.push(Act::Flood(endless));
        let (outcome, server) = Project::with(setting).ask([script]);
        let expected = format!(
            "exit 7\nover-limit: the reply of endpoint `local` is over the limit of {limit}, at `http://SERVER/v1` for model `m`\n  help {VOID}\n  help raise `body_limit` in `[endpoint.local]` if such replies are meant"
        );
        assert_eq!(told_short(&outcome, &server), expected);
        assert_eq!(server.requests().len(), 1);
    }
}

/// What is told, without looking through 16 MiB of shown text for the key.
fn told_short(outcome: &Outcome, server: &WireServer) -> String {
    let short = Outcome {
        result: outcome.result.clone(),
        shown: String::new(),
        retries: outcome.retries.clone(),
    };
    short.told(server)
}

#[test]
fn a_key_that_the_server_echoes_is_taken_out_also_in_pieces() {
    let (one, two) = MARKER.split_at(7);
    let (outcome, _) = Project::default().ask([vec![
        stream_head(),
        delta(&format!("say {MARKER} and {one}")),
        delta(two),
        delta(" end sk-"),
        finish("stop"),
    ]]);
    assert_eq!(outcome.shown, "say [key] and [key] end sk-");
    assert_eq!(outcome.result.unwrap().text, "say [key] and [key] end sk-");
}

#[test]
fn a_signal_ends_the_wait_at_once_wherever_it_is() {
    let project = Project::default();
    for before in [vec![], vec![stream_head()], vec![stream_head(), delta("half")]] {
        let (reached, at_gate) = gate();
        let (test, closed) = gate();
        let script: Script = before
            .into_iter()
            .chain([Act::Tell(reached), Act::UntilClosed(test)])
            .collect();
        let server = WireServer::start([script]);
        let project = Project {
            interrupt: stepgate::interrupt::Interrupt::default(),
            ..Project::with(&project.settings)
        };
        let interrupt = project.interrupt.clone();
        let raiser = std::thread::spawn(move || {
            at_gate.recv().unwrap();
            interrupt.raise(2);
            Instant::now()
        });
        let outcome = project.ask_watching(&server.url(), |_| ());
        let took = raiser.join().unwrap().elapsed();
        assert_eq!(outcome.result, Err(EndpointError::Interrupted(2)));
        assert!(took < Duration::from_millis(200), "{took:?}");
        // The server sees the connection close although the program goes on.
        closed.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(server.requests().len(), 1);
    }
}
