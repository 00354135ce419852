//! What holds in every dialect.

use stepgate::llm::wire::{Dialect, Framing};
use stepgate::llm::{Finish, Reply, Usage};

use crate::project::{MARKER, Project, request};
use crate::spoken::{begin, error, head, payloads, reply, stream, text};
use crate::wire_server::{Act, Script, gate, response};

const VOID: &str = "nothing of this reply is used; the request may have been billed";

fn speaking(dialect: Dialect) -> Project {
    Project {
        kind: dialect.word(),
        ..Project::default()
    }
}

fn with(dialect: Dialect, setting: &str) -> Project {
    Project {
        kind: dialect.word(),
        ..Project::with(setting)
    }
}

#[test]
fn a_reply_comes_whole_and_the_request_is_what_can_be_printed() {
    for dialect in Dialect::ALL {
        let project = speaking(dialect);
        let (outcome, server) = project.ask([reply(dialect, &["Hello, ", "w\u{f6}rld"])]);
        let expected = Reply {
            text: "Hello, w\u{f6}rld".to_owned(),
            finish: Finish::Stop,
            usage: Some(Usage {
                input: 10,
                cached: if dialect == Dialect::Ollama { 0 } else { 5 },
                output: 4,
            }),
            model: Some("m-1".to_owned()),
            request_id: Some("req-1".to_owned()),
        };
        assert_eq!(outcome.result, Ok(expected), "{dialect:?}");
        assert_eq!(outcome.shown, "Hello, w\u{f6}rld");
        let requests = server.requests();
        assert_eq!((requests.len(), outcome.retries.len()), (1, 0));
        let (path, own): (_, &[(&str, &str)]) = match dialect {
            Dialect::Chat => ("/v1/chat/completions", &[]),
            Dialect::Responses => ("/v1/responses", &[]),
            Dialect::Messages => (
                "/v1/messages",
                &[("anthropic-version", "2023-06-01"), ("x-api-key", MARKER)],
            ),
            Dialect::Ollama => ("/v1/api/chat", &[]),
        };
        let sent = &requests[0];
        assert_eq!((sent.method.as_str(), sent.path.as_str()), ("POST", path));
        assert_eq!(
            sent.body,
            project.endpoint(&server.url()).unwrap().body(&request())
        );
        let bearer = format!("Bearer {MARKER}");
        let mut expected = vec![
            ("accept-encoding", "identity"),
            ("content-type", "application/json"),
            ("user-agent", concat!("stepgate/", env!("CARGO_PKG_VERSION"))),
        ];
        expected.extend(own);
        expected.push(match dialect.framing() {
            Framing::Events => ("accept", "text/event-stream, application/json"),
            Framing::Lines => ("accept", "application/x-ndjson, application/json"),
        });
        if dialect != Dialect::Messages {
            expected.push(("authorization", &bearer));
        }
        expected.sort_unstable();
        let mut headers: Vec<(&str, &str)> = sent
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !["host", "content-length"].contains(name))
            .collect();
        headers.sort_unstable();
        assert_eq!(headers, expected, "{dialect:?}");
    }
}

#[test]
fn without_its_end_no_stream_is_a_reply() {
    for dialect in Dialect::ALL {
        let whole = payloads(dialect, &["half"]);
        // Chat Completions may end with the reason alone: two payloads follow it.
        let enough = whole.len() - if dialect == Dialect::Chat { 2 } else { 0 };
        for count in 0..enough {
            let (outcome, server) = speaking(dialect).ask([stream(dialect, &whole[..count])]);
            let length = if count > begin(dialect).len() { 4 } else { 0 };
            let expected = format!(
                "exit 7\ncut: the reply of endpoint `local` broke off after {length} bytes of text, at `http://SERVER/v1` for model `m`\n  help {VOID}\n  help run again later"
            );
            assert_eq!(outcome.told(&server), expected, "{dialect:?} {count}");
            assert_eq!((server.requests().len(), outcome.retries.len()), (1, 0));
        }
        let (outcome, _) = speaking(dialect).ask([stream(dialect, &whole[..enough])]);
        assert_eq!(outcome.result.unwrap().text, "half", "{dialect:?}");
    }
}

#[test]
fn a_character_cut_in_two_is_whole_again() {
    for dialect in Dialect::ALL {
        let mut script = reply(dialect, &["\u{1f600}"]);
        let place = 1 + begin(dialect).len();
        let Act::Send(bytes) = &script[place] else {
            panic!("a text is sent");
        };
        let at = bytes.iter().position(|byte| *byte == 0xf0).unwrap() + 2;
        let halves = [bytes[..at].to_vec(), bytes[at..].to_vec()].map(Act::Send);
        script.splice(place..=place, halves);
        let (outcome, _) = speaking(dialect).ask([script]);
        assert_eq!(outcome.result.unwrap().text, "\u{1f600}", "{dialect:?}");
    }
}

#[test]
fn each_refusal_has_its_outcome_and_its_number_of_requests() {
    // Ollama has no word for what went wrong: the status alone decides.
    let cases: [(u16, &str, &str, &str, usize); 6] = [
        (401, "authentication_error", "bad key", "exit 6\nkey-refused: ", 1),
        (404, "not_found_error", "no such model", "exit 6\nno-model: ", 1),
        (402, "billing_error", "pay", "exit 6\nquota: ", 1),
        (
            400,
            "invalid_request_error",
            "prompt is too long: 9 > 8",
            "exit 8\ntoo-large: ",
            1,
        ),
        (
            429,
            "rate_limit_error",
            "slow down",
            "exit 7\nendpoint-failed: ",
            3,
        ),
        (529, "overloaded_error", "busy", "exit 7\nendpoint-failed: ", 3),
    ];
    for dialect in Dialect::ALL {
        for (status, kind, message, expected, count) in cases {
            let body = error(dialect, kind, message);
            let refusal = || response(status, &[("content-type", "application/json")], &body);
            let (outcome, server) = speaking(dialect).ask([refusal(), refusal(), refusal()]);
            let told = outcome.told(&server);
            assert!(told.starts_with(expected), "{dialect:?} {told}");
            let found = match dialect {
                Dialect::Ollama => format!("\n  found `{message}`\n"),
                _ => format!("\n  found `{kind}: {message}`\n"),
            };
            assert!(told.contains(&found), "{dialect:?} {told}");
            assert_eq!(server.requests().len(), count, "{dialect:?} {status}");
            let (outcome, server) = speaking(dialect).ask([refusal(), reply(dialect, &["done"])]);
            assert_eq!(outcome.result.is_ok(), count > 1, "{dialect:?} {status}");
            assert_eq!(server.requests().len(), count.min(2), "{dialect:?} {status}");
        }
    }
}

#[test]
fn an_error_in_a_stream_is_repeated_only_before_a_reply_began() {
    for dialect in Dialect::ALL {
        let failed = match dialect {
            Dialect::Responses => {
                r#"{"type":"error","code":"server_error","message":"busy","param":null,"sequence_number":9}"#
                    .to_owned()
            }
            _ => error(dialect, "overloaded_error", "busy"),
        };
        let begun: Vec<String> = [begin(dialect), vec![text(dialect, "half"), failed.clone()]].concat();
        let (outcome, server) = speaking(dialect).ask([stream(dialect, &begun), reply(dialect, &["x"])]);
        let told = outcome.told(&server);
        let start = "exit 7\nendpoint-failed: endpoint `local` failed: an error after 4 bytes of text from `http://SERVER/v1` for model `m`\n  found ";
        assert!(told.starts_with(start), "{dialect:?} {told}");
        assert!(
            told.contains(&format!("busy`\n  help {VOID}\n")),
            "{dialect:?} {told}"
        );
        assert_eq!(server.requests().len(), 1, "{dialect:?}");
        // Ollama's error is a text: nobody knows whether it may pass.
        if dialect != Dialect::Ollama {
            let (outcome, server) =
                speaking(dialect).ask([stream(dialect, &[failed]), reply(dialect, &["x"])]);
            assert_eq!(outcome.result.unwrap().text, "x", "{dialect:?}");
            assert_eq!(server.requests().len(), 2, "{dialect:?}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_void() {
    for dialect in Dialect::ALL {
        let broken = [begin(dialect), vec![text(dialect, "half"), "{\"typ".to_owned()]].concat();
        let (outcome, server) = speaking(dialect).ask([stream(dialect, &broken), reply(dialect, &["x"])]);
        let told = outcome.told(&server);
        let start = "exit 7\nmalformed: the reply of endpoint `local` cannot be read after 4 bytes of text: EOF while";
        assert!(told.starts_with(start), "{dialect:?} {told}");
        assert_eq!(server.requests().len(), 1, "{dialect:?}");
    }
}

#[test]
fn an_answer_of_another_type_is_no_reply() {
    for dialect in Dialect::ALL {
        let (other, wanted) = match dialect.framing() {
            Framing::Events => ("application/x-ndjson", "an event stream"),
            Framing::Lines => ("text/event-stream", "lines of JSON"),
        };
        for content_type in [other, "text/html"] {
            let (outcome, server) =
                speaking(dialect).ask([response(200, &[("content-type", content_type)], "hello")]);
            let expected = format!(
                "exit 7\nwrong-type: endpoint `local` answered with `{content_type}` instead of {wanted}, at `http://SERVER/v1` for model `m`\n  found an answer that begins `hello`\n  help check `url` in `[endpoint.local]`: a proxy or a login page may have answered instead of the server"
            );
            assert_eq!(outcome.told(&server), expected, "{dialect:?}");
            assert_eq!(server.requests().len(), 1);
        }
    }
}

#[test]
fn a_server_that_does_not_stream_is_understood() {
    for dialect in Dialect::ALL {
        let body = match dialect {
            Dialect::Chat => {
                r#"{"model":"m-1","choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]}"#
            }
            Dialect::Responses => {
                r#"{"model":"m-1","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"hello"}]}]}"#
            }
            Dialect::Messages => {
                r#"{"model":"m-1","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn"}"#
            }
            Dialect::Ollama => {
                r#"{"model":"m-1","message":{"content":"hello"},"done":true,"done_reason":"stop"}"#
            }
        };
        let (outcome, _) =
            speaking(dialect).ask([response(200, &[("content-type", "application/json")], body)]);
        let expected = Reply {
            text: "hello".to_owned(),
            finish: Finish::Stop,
            usage: None,
            model: Some("m-1".to_owned()),
            request_id: None,
        };
        assert_eq!(outcome.result, Ok(expected), "{dialect:?}");
        assert_eq!(outcome.shown, "hello");
    }
}

#[test]
fn what_only_keeps_the_connection_open_is_no_progress() {
    let pings: [(Dialect, &[u8]); 2] = [
        (Dialect::Messages, b"event: ping\ndata: {\"type\":\"ping\"}\n\n"),
        (Dialect::Ollama, b"\n\n\n"),
    ];
    for (dialect, ping) in pings {
        let (test, closed) = gate();
        let mut script: Script = stream(dialect, &[begin(dialect), vec![text(dialect, "half")]].concat());
        script.extend([Act::Flood(ping.to_vec()), Act::UntilClosed(test)]);
        let (outcome, server) = with(dialect, "idle_timeout = 0.2\nbody_limit = 1073741824").ask([script]);
        let start = "exit 7\nsilent: endpoint `local` fell silent for 200 ms after 4 bytes of text";
        let told = outcome.told(&server);
        assert!(told.starts_with(start), "{dialect:?} {told}");
        drop(closed);
    }
}

#[test]
fn a_line_without_an_end_is_bounded() {
    let script = vec![head(Dialect::Ollama), Act::Flood(vec![b'a'; 65_536])];
    let (outcome, server) = speaking(Dialect::Ollama).ask([script]);
    let start = "exit 7\nover-limit: the reply of endpoint `local` is over the limit of 16 MiB";
    let told = outcome.told(&server);
    assert!(told.starts_with(start), "{told}");
}

#[test]
fn a_last_line_needs_no_line_end() {
    let mut script = reply(Dialect::Ollama, &["done"]);
    let Some(Act::Send(last)) = script.last_mut() else {
        panic!("the last act sends");
    };
    assert_eq!(last.pop(), Some(b'\n'));
    let (outcome, _) = speaking(Dialect::Ollama).ask([script]);
    assert_eq!(outcome.result.unwrap().text, "done");
}

#[test]
fn a_deployment_at_azure_gets_its_path_its_version_and_its_header() {
    for (dialect, path) in [
        (Dialect::Chat, "chat/completions"),
        (Dialect::Responses, "responses"),
    ] {
        let server = crate::wire_server::WireServer::start([reply(dialect, &["done"])]);
        let project = with(dialect, "key_header = \"Api-Key\"");
        let base = format!(
            "http://127.0.0.1:{}/openai/deployments/mine?api-version=2024-10-21",
            server.port()
        );
        let outcome = project.ask_watching(&base, |_| ());
        assert_eq!(outcome.result.unwrap().text, "done");
        let sent = &server.requests()[0];
        assert_eq!(
            sent.path,
            format!("/openai/deployments/mine/{path}?api-version=2024-10-21")
        );
        assert_eq!(
            (sent.header("api-key"), sent.header("authorization")),
            (Some(MARKER), None)
        );
    }
}

#[test]
fn a_path_that_is_not_there_is_told_with_what_is_appended() {
    for (dialect, appended) in [
        (Dialect::Responses, "`/responses` is appended to `url`"),
        (Dialect::Messages, "`/messages` is appended to `url`"),
        (Dialect::Ollama, "`/api/chat` is appended to `url`"),
    ] {
        let (outcome, server) = speaking(dialect).ask([response(404, &[], "")]);
        let help = format!("\n  help check `model` and `url` in `[endpoint.local]`: {appended}");
        let told = outcome.told(&server);
        assert!(told.ends_with(&help), "{told}");
    }
}

#[test]
fn an_ollama_that_was_not_to_cut_says_that_the_prompt_is_too_long() {
    let body = r#"{"error":"request (351 tokens) exceeds the available context size (256 tokens), try increasing it"}"#;
    let (outcome, server) =
        speaking(Dialect::Ollama).ask([response(400, &[("content-type", "application/json")], body)]);
    let told = outcome.told(&server);
    assert!(told.starts_with("exit 8\ntoo-large: "), "{told}");
    let help = "\n  help shorten the documents of the plan, or raise `num_ctx` in `[endpoint.local]`";
    assert!(told.ends_with(help), "{told}");
}
