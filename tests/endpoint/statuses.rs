use std::time::{Duration, SystemTime};

use stepgate::llm::EndpointError;

use crate::project::{MARKER, Project};
use crate::wire_server::{Script, delta, event, gate, reply, response, send, stream_head};

const JSON: (&str, &str) = ("content-type", "application/json");

fn error(status: u16, body: &str) -> Script {
    response(status, &[JSON], body)
}

#[test]
fn a_refused_key_or_model_is_told_with_where_the_key_came_from_and_never_repeated() {
    let at = "from `http://SERVER/v1` for model `m`";
    let from = "environment variable `LOCAL_KEY`";
    let body = format!(
        r#"{{"error":{{"message":"Incorrect API key provided: {MARKER}\u001b[2J","code":"invalid_api_key"}}}}"#
    );
    let found = "\n  found `invalid_api_key: Incorrect API key provided: [key]\\u{1b}[2J`";
    let check = format!("\n  help check the key in {from}");
    let cases = [
        (
            401,
            body.as_str(),
            format!("key-refused: endpoint `local` refused the key from {from}: HTTP 401 {at}{found}{check}"),
        ),
        (
            403,
            "",
            format!("key-refused: endpoint `local` refused the key from {from}: HTTP 403 {at}{check}"),
        ),
        (
            400,
            body.as_str(),
            format!("key-refused: endpoint `local` refused the key from {from}: HTTP 400 {at}{found}{check}"),
        ),
        (
            404,
            r#"{"error":"model 'm' not found"}"#,
            format!(
                "no-model: endpoint `local` has no such model or path: HTTP 404 {at}; the key came from {from}\n  found `model 'm' not found`\n  help check `model` and `url` in `[endpoint.local]`: paths are appended to `url`, which often ends in `/v1`"
            ),
        ),
        (
            402,
            "{}",
            format!(
                "quota: endpoint `local` says that money or quota is used up: HTTP 402 {at}\n  found an answer that begins `{{}}`\n  help see to it at the provider; waiting does not help"
            ),
        ),
    ];
    for (status, body, expected) in cases {
        let (outcome, server) = Project::default().ask([error(status, body)]);
        assert_eq!(outcome.told(&server), format!("exit 6\n{expected}"));
        assert_eq!((server.requests().len(), outcome.retries.len()), (1, 0));
    }
}

#[test]
fn without_a_key_it_says_how_to_name_one() {
    let project = Project {
        with_key: false,
        ..Project::default()
    };
    let (outcome, server) = project.ask([error(401, "")]);
    assert_eq!(
        outcome.told(&server),
        "exit 6\nkey-missing: endpoint `local` wants a key, and it is set up without one: HTTP 401 from `http://SERVER/v1` for model `m`\n  help name the variable that holds the key: `key_env = \"VARIABLE\"` in `[endpoint.local]`"
    );
    assert_eq!(server.requests()[0].header("authorization"), None);
}

#[test]
fn what_may_pass_is_tried_again_and_each_time_is_told() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        let (outcome, server) =
            Project::default().ask([error(status, ""), error(status, ""), error(status, "")]);
        let why = format!("endpoint `local` failed: HTTP {status} from `http://SERVER/v1` for model `m`");
        let expected =
            format!("exit 7\nendpoint-failed: {why}; 3 attempts were made\n  help run again later");
        assert_eq!(outcome.told(&server), expected);
        assert_eq!(server.requests().len(), 3);
        let why = why.replace("SERVER", &format!("127.0.0.1:{}", server.port()));
        let told: Vec<_> = outcome
            .retries
            .iter()
            .map(|(attempt, _, why)| (*attempt, why.as_str()))
            .collect();
        assert_eq!(told, [(2, why.as_str()), (3, why.as_str())]);
        let waits: Vec<_> = outcome
            .retries
            .iter()
            .map(|(_, wait, _)| wait.as_micros())
            .collect();
        assert!(
            (7_500..=10_000).contains(&waits[0]) && (15_000..=20_000).contains(&waits[1]),
            "{waits:?}"
        );
    }
}

#[test]
fn the_same_bytes_are_sent_again_until_it_works() {
    let (outcome, server) = Project::default().ask([error(503, ""), reply("done")]);
    assert_eq!(outcome.result.unwrap().text, "done");
    let requests = server.requests();
    assert_eq!((requests.len(), outcome.retries.len()), (2, 1));
    assert_eq!(requests[0], requests[1]);
}

#[test]
fn retries_are_the_users_to_choose() {
    let (outcome, server) = Project::with("retries = 0").ask([error(500, "")]);
    assert_eq!(
        outcome.told(&server),
        "exit 7\nendpoint-failed: endpoint `local` failed: HTTP 500 from `http://SERVER/v1` for model `m`\n  help run again later"
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_servers_own_time_is_kept_up_to_a_minute() {
    let past = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH);
    // Seconds or milliseconds asked for, and the wait that follows; without one it is the first of our own.
    let own = 7_500..=10_000;
    let cases: [(&[(&str, &str)], _); 6] = [
        (&[("retry-after", "0.05")], 50_000..=50_000),
        (&[("retry-after-ms", "30")], 30_000..=30_000),
        (&[("retry-after", "0")], 10_000..=10_000),
        (&[("retry-after", &past)], own.clone()),
        (&[("retry-after", "soon")], own.clone()),
        (&[], own),
    ];
    for (headers, expected) in cases {
        let (outcome, _) = Project::default().ask([response(429, headers, ""), reply("done")]);
        assert!(outcome.result.is_ok());
        let wait = outcome.retries[0].1.as_micros();
        assert!(expected.contains(&wait), "{headers:?} {wait}");
    }
    let (outcome, server) = Project::default().ask([response(429, &[("retry-after", "3600")], "")]);
    assert_eq!(
        outcome.told(&server),
        "exit 7\nendpoint-failed: endpoint `local` failed: HTTP 429 from `http://SERVER/v1` for model `m`; it asks to wait 3600 s, longer than stepgate does\n  help run again in 3600 s"
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_servers_word_on_trying_again_comes_first() {
    let (outcome, server) = Project::default().ask([response(500, &[("x-should-retry", "false")], "")]);
    assert_eq!((server.requests().len(), outcome.retries.len()), (1, 0));
    let (outcome, server) =
        Project::default().ask([response(400, &[("x-should-retry", "true")], ""), reply("done")]);
    assert_eq!(outcome.result.unwrap().text, "done");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_used_up_quota_is_not_asked_again() {
    for code in [
        "insufficient_quota",
        "credit_balance_exhausted",
        "billing_hard_limit_reached",
    ] {
        let body = format!(r#"{{"error":{{"message":"pay","type":"{code}","code":"{code}"}}}}"#);
        let (outcome, server) = Project::default().ask([response(429, &[JSON, ("retry-after", "1")], &body)]);
        let expected = format!(
            "exit 6\nquota: endpoint `local` says that money or quota is used up: HTTP 429 from `http://SERVER/v1` for model `m`\n  found `{code}: pay`\n  help see to it at the provider; waiting does not help"
        );
        assert_eq!(outcome.told(&server), expected);
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_prompt_that_is_too_large_is_told_with_its_sizes() {
    let long = r#"{"error":{"message":"This model's maximum context length is 10 tokens","code":"context_length_exceeded"}}"#;
    let found = "\n  found `context_length_exceeded: This model's maximum context length is 10 tokens`";
    for (status, body, found) in [(413, "", ""), (400, long, found)] {
        let (outcome, server) = Project::default().ask([error(status, body)]);
        let bytes = server.requests()[0].body.len();
        let expected = format!(
            "exit 8\ntoo-large: the request is too large for endpoint `local` ({bytes} bytes, of which 16 of system text and 12 of prompt): HTTP {status} from `http://SERVER/v1` for model `m`{found}\n  help shorten the documents of the plan, or choose a model with a larger context"
        );
        assert_eq!(outcome.told(&server), expected);
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn any_other_no_is_passed_on() {
    let (outcome, server) = Project::default().ask([error(422, r#"{"detail":"max_tokens: too many"}"#)]);
    assert_eq!(
        outcome.told(&server),
        "exit 7\nrequest-refused: endpoint `local` refused the request: HTTP 422 from `http://SERVER/v1` for model `m`\n  found `max_tokens: too many`\n  help check `model`, `max_tokens` and `body` in `[endpoint.local]`"
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_error_with_status_200_is_sorted_like_the_status_it_stands_for() {
    let overloaded = r#"{"error":{"message":"busy","type":"overloaded_error"}}"#;
    let key = r#"{"error":{"message":"no","code":"invalid_api_key"}}"#;
    // Before anything of a reply came, it is tried again like any other.
    let event_named = send(&format!("event: error\ndata: {overloaded}\n\n"));
    for first in [
        vec![stream_head(), event(overloaded)],
        vec![stream_head(), event_named],
        error(200, overloaded),
    ] {
        let (outcome, server) = Project::default().ask([first, reply("done")]);
        assert_eq!(outcome.result.as_ref().unwrap().text, "done");
        assert_eq!((server.requests().len(), outcome.retries.len()), (2, 1));
    }
    let (outcome, server) = Project::default().ask([vec![stream_head(), event(key)]]);
    assert_eq!(
        outcome.told(&server),
        "exit 6\nkey-refused: endpoint `local` refused the key from environment variable `LOCAL_KEY`: an error with HTTP 200 from `http://SERVER/v1` for model `m`\n  found `invalid_api_key: no`\n  help check the key in environment variable `LOCAL_KEY`"
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_error_in_the_middle_of_a_reply_ends_it_at_once_and_for_good() {
    let (open, closed) = gate();
    let busy = r#"{"error":{"message":"busy","code":503}}"#;
    let script = vec![
        stream_head(),
        delta("half"),
        event(busy),
        crate::wire_server::Act::Wait(closed),
    ];
    let (outcome, server) = Project::default().ask([script]);
    assert_eq!(
        outcome.told(&server),
        "exit 7\nendpoint-failed: endpoint `local` failed: an error after 4 bytes of text from `http://SERVER/v1` for model `m`\n  found `503: busy`\n  help nothing of this reply is used; the request may have been billed\n  help run again later"
    );
    assert_eq!((outcome.shown.as_str(), server.requests().len()), ("half", 1));
    drop(open);
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = crate::wire_server::WireServer::start([reply("stolen")]);
    let target = format!("{}/chat/completions?k={MARKER}", elsewhere.url());
    for status in [301, 302, 303, 307, 308] {
        let (outcome, server) = Project::default().ask([response(status, &[("location", &target)], "")]);
        let shown = format!("{}/chat/completions?k=[key]", elsewhere.url());
        let expected = format!(
            "exit 7\nredirected: endpoint `local` redirects to `{shown}`: HTTP {status} from `http://SERVER/v1` for model `m`\n  help a redirect is never followed, for it would hand over the prompt and the key: if the target is right, set it as `url` in `[endpoint.local]`"
        );
        assert_eq!(outcome.told(&server), expected);
        assert_eq!(server.requests().len(), 1);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn a_page_instead_of_a_reply_is_shown_by_its_first_bytes() {
    let page = format!("<html>\u{1b}[2J{MARKER}{}", "x".repeat(400));
    let shown = format!("<html>\\u{{1b}}[2J[key]{}…", "x".repeat(185));
    let help = "\n  help check `url` in `[endpoint.local]`: a proxy or a login page may have answered instead of the server";
    for (headers, what) in [
        (
            vec![("content-type", "text/html; charset=utf-8")],
            "`text/html; charset=utf-8`",
        ),
        (vec![], "no content type"),
    ] {
        let (outcome, server) = Project::default().ask([response(200, &headers, &page)]);
        let expected = format!(
            "exit 7\nwrong-type: endpoint `local` answered with {what} instead of an event stream, at `http://SERVER/v1` for model `m`\n  found an answer that begins `{shown}`{help}"
        );
        assert_eq!(outcome.told(&server), expected);
        assert_eq!(server.requests().len(), 1);
    }
    // With an error status it is the status that counts.
    let (outcome, server) =
        Project::with("retries = 0").ask([response(502, &[("content-type", "text/html")], &page)]);
    let expected = format!(
        "exit 7\nendpoint-failed: endpoint `local` failed: HTTP 502 from `http://SERVER/v1` for model `m`\n  found an answer that begins `{shown}`\n  help run again later"
    );
    assert_eq!(outcome.told(&server), expected);
}

#[test]
fn a_compressed_answer_is_not_unpacked() {
    let headers = [
        ("content-type", "text/event-stream"),
        ("content-encoding", "gzip"),
    ];
    let (outcome, server) = Project::default().ask([response(200, &headers, "\u{1f}\u{8b}")]);
    assert_eq!(
        outcome.told(&server),
        "exit 7\nwrong-encoding: endpoint `local` compressed its answer as `gzip`, which was not asked for, at `http://SERVER/v1` for model `m`\n  help see whether a proxy compresses what it passes on"
    );
}

#[test]
fn a_signal_ends_the_wait_before_another_attempt() {
    let project = Project::default();
    let mut endpoint = {
        let server = crate::wire_server::WireServer::start([response(429, &[("retry-after", "50")], "")]);
        let endpoint = project.endpoint(&server.url()).unwrap();
        (endpoint, server)
    };
    let interrupt = project.interrupt;
    let mut raised = None;
    let result = stepgate::llm::Endpoint::send(&mut endpoint.0, &crate::project::request(), &mut |_| {
        interrupt.raise(15);
        raised = Some(std::time::Instant::now());
    });
    assert_eq!(result, Err(EndpointError::Interrupted(15)));
    assert!(raised.unwrap().elapsed() < Duration::from_millis(200));
    assert_eq!(endpoint.1.requests().len(), 1);
}
