//! Exchanges that end in order.

use std::io::Read as _;

use base64::Engine as _;

use crate::recorder::{
    KEY, Recorder, ask, base, bodies, chunk, chunked_head, digest, end, everything, expected, post, scenario,
    until,
};
use crate::support::project::Project;
use crate::support::wire_server::{Act, Recorded, Script, WireServer, gate, response, send};

#[test]
fn a_stream_is_passed_on_as_it_comes_and_written_down_with_its_pieces() {
    let (open, gated) = gate();
    let script: Script = vec![
        chunked_head("content-type: text/event-stream\r\nx-request-id: req-1\r\nset-cookie: a=1\r\n"),
        chunk("data: one\n\n"),
        Act::Wait(gated),
        chunk("data: zwei ä\n\n"),
        end(),
    ];
    let server = WireServer::start([script]);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &base(&server), &["--ready-file", "ready.json"]);
    let ready = format!(
        "{{\"schema\":\"stepgate.mock/1\",\"url\":\"http://127.0.0.1:{}\"}}\n",
        recorder.port
    );
    assert_eq!(project.read("ready.json"), ready);

    let body = "{\"model\":\"gpt-x\",\"stream\":true}";
    let headers = format!(
        "authorization: Bearer {KEY}\r\nx-own: 1\r\naccept-encoding: gzip\r\ncookie: sid=abcdefgh\r\n"
    );
    let mut client = recorder.send(&post("/v1/chat/completions?a=%20b", &headers, body));
    let first = until(&mut client, "data: one\n\n\r\n");
    assert!(first.contains("\r\nset-cookie: a=1\r\n"), "{first}");
    assert!(!project.root().join("recorded.toml").exists());
    open.send(()).unwrap();
    let mut rest = String::new();
    client.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "F\r\ndata: zwei ä\n\n\r\n0\r\n\r\n");
    assert_eq!(
        recorder.told(),
        "POST /v1/chat/completions?a=%20b: 200, 26 bytes in T s, recorded as #1\n"
    );

    let headers = [
        ("content-length".to_owned(), body.len().to_string()),
        ("authorization".to_owned(), format!("Bearer {KEY}")),
        ("x-own".to_owned(), "1".to_owned()),
        ("accept-encoding".to_owned(), "identity".to_owned()),
        ("cookie".to_owned(), "sid=abcdefgh".to_owned()),
        ("accept".to_owned(), "*/*".to_owned()),
        ("host".to_owned(), format!("127.0.0.1:{}", server.port())),
    ];
    let mut requests = server.requests();
    requests[0].headers.sort();
    let mut sorted = headers.to_vec();
    sorted.sort();
    let passed = Recorded {
        method: "POST".to_owned(),
        path: "/v1/chat/completions?a=%20b".to_owned(),
        headers: sorted,
        body: body.as_bytes().to_vec(),
    };
    assert_eq!(requests, [passed]);

    let text = format!(
        r#"
description = "recorded from {} on DAY"
[[rule]]
description = "POST /v1/chat/completions?a=%20b, model gpt-x, #1"
when = {{ request = "{}" }}
[[rule.reply]]
recorded = {{ status = 200, headers = [["content-type", "text/event-stream"], ["x-request-id", "req-1"]], file = "recorded/1.body", pieces = [[0.0, 11], [0.0, 15]] }}
"#,
        base(&server),
        digest("POST", "/v1/chat/completions?a=%20b", body)
    );
    assert_eq!(
        scenario(&project, "recorded.toml"),
        toml::from_str(&text).unwrap()
    );
    assert_eq!(
        bodies(&project),
        expected(&[("1.body", "data: one\n\ndata: zwei ä\n\n")])
    );
    assert_eq!(
        recorder.end(),
        (Some(0), "1 exchange recorded in recorded.toml\n".to_owned())
    );
}

#[test]
fn no_secret_reaches_the_folder() {
    let base64 = base64::engine::general_purpose::STANDARD.encode(KEY);
    let encoded = "sk-live%2F0123456789%2Babcdef";
    let (one, other) = KEY.split_at(9);
    let script: Script = vec![
        chunked_head(&format!(
            "x-request-id: for {KEY}\r\nopenai-organization: org-secret\r\nset-cookie: sid=fresh-1\r\n"
        )),
        chunk(&format!("you are {one}")),
        chunk(&format!("{other}, {base64},")),
        chunk(&format!(" {encoded} and abcdefgh-cookie, query-key-1, sk-lif")),
        end(),
    ];
    let server = WireServer::start([script]);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &base(&server), &["-o", "r.toml"]);
    let headers = format!("authorization: Bearer {KEY}\r\ncookie: sid=abcdefgh-cookie\r\n");
    let (_, headers, body) = recorder.answer(&post("/v1/x?key=query-key-1&a=1", &headers, KEY));
    // The client gets what was sent.
    assert!(
        headers.contains(&format!("x-request-id: for {KEY}")),
        "{headers:?}"
    );
    assert!(
        body.contains(&format!("{encoded} and abcdefgh-cookie, query-key-1, sk-lif")),
        "{body}"
    );
    assert_eq!(
        recorder.told(),
        "POST /v1/x?a=1: 200, 143 bytes in T s, recorded as #1; a key that it held was replaced by `[key]`\n"
    );
    assert_eq!(server.requests()[0].path, "/v1/x?key=query-key-1&a=1");
    assert_eq!(recorder.end().0, Some(0));

    let written = project.read("r/1.body");
    assert_eq!(written, "you are [key], [key], [key] and [key], [key], sk-lif");
    let all = everything(&project.root());
    for secret in [
        KEY,
        &base64,
        encoded,
        "abcdefgh-cookie",
        "query-key-1",
        "org-secret",
        "fresh-1",
    ] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    let text = format!(
        r#"
description = "recorded from {} on DAY"
[[rule]]
description = "POST /v1/x?a=1, #1"
when = {{ request = "{}" }}
[[rule.reply]]
recorded = {{ status = 200, headers = [["x-request-id", "for [key]"]], file = "r/1.body", pieces = [[0.0, 13], [0.0, 8], [0.0, 31]] }}
"#,
        base(&server),
        digest("POST", "/v1/x?a=1", KEY)
    );
    assert_eq!(scenario(&project, "r.toml"), toml::from_str(&text).unwrap());
}

#[test]
fn equal_requests_are_one_rule_and_a_later_recorder_goes_on_with_it() {
    let answers =
        ["one", "two", "three", "four"].map(|text| response(200, &[("content-type", "text/plain")], text));
    let server = WireServer::start(answers);
    let project = Project::new();
    let recorder = Recorder::start(&project, &base(&server), &[]);
    let texts = ["a", "b", "a"].map(|model| recorder.answer(&ask(model)).2);
    assert_eq!(texts, ["one", "two", "three"]);
    assert_eq!(recorder.end().0, Some(0));

    let refused = project.run(&["mock", "record", "--upstream", &base(&server)]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(
        refused.err.contains("`recorded.toml` is there already"),
        "{}",
        refused.err
    );

    let recorder = Recorder::start(&project, &base(&server), &["--append"]);
    assert_eq!(recorder.answer(&ask("b")).2, "four");
    assert_eq!(recorder.end().0, Some(0));
    let reply = |number: u8, bytes: u8| {
        format!(
            "[[rule.reply]]\nrecorded = {{ status = 200, headers = [[\"content-type\", \"text/plain\"]], file = \"recorded/{number}.body\", pieces = [[0.0, {bytes}]] }}\n"
        )
    };
    let rule = |model: &str, number: u8| {
        let request = digest(
            "POST",
            "/v1/chat/completions",
            &format!("{{\"model\":\"{model}\"}}"),
        );
        format!(
            "[[rule]]\ndescription = \"POST /v1/chat/completions, model {model}, #{number}\"\nwhen = {{ request = \"{request}\" }}\n"
        )
    };
    let text = format!(
        "description = \"recorded from {} on DAY\"\n{}{}{}{}{}{}",
        base(&server),
        rule("a", 1),
        reply(1, 3),
        reply(3, 5),
        rule("b", 2),
        reply(2, 3),
        reply(4, 4)
    );
    assert_eq!(
        scenario(&project, "recorded.toml"),
        toml::from_str(&text).unwrap()
    );
    let texts = [
        ("1.body", "one"),
        ("2.body", "two"),
        ("3.body", "three"),
        ("4.body", "four"),
    ];
    assert_eq!(bodies(&project), expected(&texts));
}

#[test]
fn every_status_and_a_response_without_a_body_are_passed_on() {
    let server = WireServer::start([
        response(
            429,
            &[("retry-after", "7"), ("content-type", "application/json")],
            "{}",
        ),
        vec![send("HTTP/1.1 204 No Content\r\n\r\n")],
        vec![send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")],
        response(307, &[("location", "http://127.0.0.1:1/")], ""),
    ]);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &server.url(), &[]);
    let limited = [
        "connection: close",
        "content-length: 2",
        "content-type: application/json",
        "retry-after: 7",
    ];
    assert_eq!(
        recorder.answer(&ask("a")),
        (429, limited.map(str::to_owned).to_vec(), "{}".to_owned())
    );
    let request = |method: &str, path: &str| {
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    };
    assert_eq!(recorder.answer(&request("DELETE", "/files/1")).0, 204);
    let headers = ["connection: close", "content-length: 5"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(
        recorder.answer(&request("HEAD", "/v1/models")),
        (200, headers, String::new())
    );
    assert_eq!(recorder.answer(&request("GET", "/v1/moved")).0, 307);
    let told: Vec<String> = (0..4).map(|_| recorder.told()).collect();
    assert_eq!(
        told,
        [
            "POST /v1/chat/completions: 429, 2 bytes in T s, recorded as #1\n",
            "DELETE /files/1: 204, 0 bytes in T s, recorded as #2\n",
            "HEAD /v1/models: 200, 0 bytes in T s, recorded as #3\n",
            "GET /v1/moved: 307, 0 bytes in T s, recorded as #4\n",
        ]
    );
    let paths: Vec<String> = server
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(
        paths,
        ["/v1/chat/completions", "/v1/files/1", "/v1/models", "/v1/moved"]
    );
    let texts = [("1.body", "{}"), ("2.body", ""), ("3.body", ""), ("4.body", "")];
    assert_eq!(bodies(&project), expected(&texts));
}
