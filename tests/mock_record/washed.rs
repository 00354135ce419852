//! What must not reach the folder, and what must.

use crate::recorder::{Recorder, base, digest, everything, post, scenario};
use crate::support::project::Project;
use crate::support::wire_server::{WireServer, response};

#[test]
fn a_cookie_that_the_server_sets_is_not_written() {
    let cookies = [
        ("set-cookie", "sid=upstream-cookie-1; Path=/; HttpOnly"),
        ("set-cookie", "csrf=abc-1"),
        ("x-request-id", "upstream-cookie-1"),
    ];
    let server = WireServer::start([response(
        200,
        &cookies,
        "{\"sid\":\"upstream-cookie-1\",\"csrf\":\"abc-1\"}",
    )]);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &base(&server), &["-o", "r.toml"]);
    let (_, headers, body) = recorder.answer(&post("/v1/upstream-cookie-1", "", ""));
    assert_eq!(body, "{\"sid\":\"upstream-cookie-1\",\"csrf\":\"abc-1\"}");
    assert!(
        headers.contains(&"set-cookie: csrf=abc-1".to_owned()),
        "{headers:?}"
    );
    assert_eq!(
        recorder.told(),
        "POST /v1/[key]: 200, 42 bytes in T s, recorded as #1; a key that it held was replaced by `[key]`\n"
    );
    assert_eq!(recorder.end().0, Some(0));
    assert_eq!(project.read("r/1.body"), "{\"sid\":\"[key]\",\"csrf\":\"[key]\"}");
    let all = everything(&project.root());
    for secret in ["upstream-cookie-1", "abc-1"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[test]
fn a_short_key_is_not_written_and_words_that_hold_it_are() {
    let said = "{\"a\":\"hunter2\",\"b\":\"no\\nhunter2, hunter22\",\"c\":\"ollama\"}";
    let server = WireServer::start([response(200, &[("x-request-id", "for hunter2")], said)]);
    let project = Project::new();
    let recorder = Recorder::start(&project, &base(&server), &["-o", "r.toml"]);
    let keys = "authorization: Bearer hunter2\r\nx-api-key: ollama\r\n";
    assert_eq!(recorder.answer(&post("/v1/x", keys, "")).2, said);
    assert_eq!(recorder.end().0, Some(0));
    assert_eq!(
        project.read("r/1.body"),
        "{\"a\":\"[key]\",\"b\":\"no\\n[key], hunter22\",\"c\":\"ollama\"}"
    );
    let recorded = &scenario(&project, "r.toml")["rule"][0]["reply"][0]["recorded"];
    let headers = toml::Value::from(vec![toml::Value::from(vec!["x-request-id", "for [key]"])]);
    assert_eq!(recorded["headers"], headers);
}

#[test]
fn what_a_query_names_as_a_key_is_neither_told_nor_written_nor_digested() {
    let server = WireServer::start([response(200, &[], "query-secret-1"), response(200, &[], "two")]);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &base(&server), &["-o", "r.toml"]);
    recorder.answer(&post("/v1/x?auth_key=query-secret-1&page_token=7", "", ""));
    recorder.answer(&post("/v1/x?page_token=7&accessToken=query-secret-2", "", ""));
    let told = [recorder.told(), recorder.told()];
    assert_eq!(
        told,
        [
            "POST /v1/x?page_token=7: 200, 14 bytes in T s, recorded as #1; a key that it held was replaced by `[key]`\n",
            "POST /v1/x?page_token=7: 200, 3 bytes in T s, recorded as #2\n",
        ]
    );
    assert_eq!(recorder.end().0, Some(0));
    let all = everything(&project.root());
    assert!(!all.contains("query-secret"), "{all}");
    let text = format!(
        r#"
description = "recorded from {} on DAY"
[[rule]]
description = "POST /v1/x?page_token=7, #1"
when = {{ request = "{}" }}
[[rule.reply]]
recorded = {{ status = 200, headers = [], file = "r/1.body", pieces = [[0.0, 5]] }}
[[rule.reply]]
recorded = {{ status = 200, headers = [], file = "r/2.body", pieces = [[0.0, 3]] }}
"#,
        base(&server),
        digest("POST", "/v1/x?page_token=7", "")
    );
    assert_eq!(scenario(&project, "r.toml"), toml::from_str(&text).unwrap());
}

#[test]
fn every_header_of_a_response_is_written_but_secrets_and_those_of_the_connection() {
    let came = [
        ("content-type", "text/plain"),
        ("x-vendor", "1"),
        ("x-vendor", "2"),
        ("cf-ray", "8-FRA"),
        ("location", "/v1/y"),
        ("content-encoding", "identity"),
        ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("connection", "close, x-hop"),
        ("x-hop", "1"),
        ("keep-alive", "timeout=5"),
        ("proxy-authenticate", "Basic"),
        ("te", "trailers"),
        ("trailer", "x-sum"),
        ("openai-organization", "org-0123456"),
        ("anthropic-organization-id", "0123-4567"),
        ("x-refresh-token", "fresh-token-1"),
        ("x-ratelimit-remaining-tokens", "7"),
    ];
    let server = WireServer::start([response(201, &came, "of org-0123456")]);
    let project = Project::new();
    let recorder = Recorder::start(&project, &base(&server), &["-o", "r.toml"]);
    recorder.answer(&post("/v1/x", "", ""));
    assert_eq!(recorder.end().0, Some(0));
    let recorded = &scenario(&project, "r.toml")["rule"][0]["reply"][0]["recorded"];
    let kept = [
        ("content-type", "text/plain"),
        ("x-vendor", "1"),
        ("x-vendor", "2"),
        ("cf-ray", "8-FRA"),
        ("location", "/v1/y"),
        ("x-ratelimit-remaining-tokens", "7"),
    ];
    let mut headers = pairs(&recorded["headers"]);
    headers.sort();
    let mut kept = kept.map(|(name, value)| (name.to_owned(), value.to_owned()));
    kept.sort();
    assert_eq!(headers, kept);
    assert_eq!(project.read("r/1.body"), "of [key]");
}

fn pairs(headers: &toml::Value) -> Vec<(String, String)> {
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    let headers = headers.as_array().unwrap().iter();
    headers.map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}
