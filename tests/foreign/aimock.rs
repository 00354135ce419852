//! The mock server of CopilotKit, in all four dialects.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::running::Running;
use crate::session::{Served, assert_done};
use crate::support::mock_server::Talk;
use crate::support::project::reply_with;
use crate::{here, installed, skipped};

/// Kind, and the path that it must have been asked at.
const KINDS: [(&str, &str); 4] = [
    ("openai", "/v1/chat/completions"),
    ("openai-responses", "/v1/responses"),
    ("anthropic", "/v1/messages"),
    ("ollama", "/api/chat"),
];

/// Starts it with these fixtures; `None` where it cannot be had, which is said by the test's name.
pub(crate) fn start(test: &str, folder: &std::path::Path, fixtures: &Value) -> Option<(Running, String)> {
    let modules = installed::node(&here().join("aimock"))
        .map_err(|missing| skipped(&format!("{test}: aimock"), &missing))
        .ok()?;
    fs::write(folder.join("fixtures.json"), fixtures.to_string()).unwrap();
    let config = json!({ "llm": { "fixtures": folder.join("fixtures.json") } });
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let mut command = Command::new(modules.join("node_modules/.bin/aimock"));
    command.arg("--config").arg(folder.join("config.json"));
    command.args(["--port", "0"]);
    Some(Running::start(&mut command, "listening on "))
}

/// What it was asked.
pub(crate) fn journal(url: &str) -> Vec<Value> {
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let mut talk = Talk::to(port);
    talk.ask("GET", "/__aimock/journal", &[], b"");
    talk.hear().json().as_array().unwrap().clone()
}

#[test]
fn every_dialect_ends_in_the_same_plan() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = json!({ "fixtures": [
        { "match": { "userMessage": "Implement Step 1.1 of EP-0007: make one" },
          "response": { "content": reply_with("one.txt", "one") } },
        { "match": { "userMessage": "Implement Step 1.2 of EP-0007: make two" },
          "response": { "content": reply_with("two.txt", "two") } },
    ] });
    let Some((_running, url)) = start("every_dialect_ends_in_the_same_plan", folder.path(), &fixtures) else {
        return;
    };
    let mut ends = Vec::new();
    for (kind, path) in KINDS {
        let before = journal(&url).len();
        let served = Served {
            kind,
            url: &url,
            model: "gpt-4o-mini",
        };
        ends.push(served.run());
        let asked: Vec<(String, String)> = journal(&url)[before..]
            .iter()
            .map(|entry| ["method", "path"].map(|field| entry[field].as_str().unwrap().to_owned()))
            .map(|[method, path]| (method, path))
            .collect();
        let once = ("POST".to_owned(), path.to_owned());
        assert_eq!(asked, [once.clone(), once], "{kind}");
    }
    assert_done(&ends[0]);
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
}

#[test]
fn what_it_refuses_is_told_and_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let error = json!({ "error": { "message": "the key is not known", "type": "authentication_error" }, "status": 401 });
    let fixtures = json!({ "fixtures": [{ "match": { "userMessage": "Step 1.1" }, "response": error }] });
    let Some((_running, url)) = start(
        "what_it_refuses_is_told_and_not_sent_again",
        folder.path(),
        &fixtures,
    ) else {
        return;
    };
    for (count, (kind, _)) in KINDS.into_iter().enumerate() {
        let served = Served {
            kind,
            url: &url,
            model: "gpt-4o-mini",
        };
        let ran = served.fail();
        assert_eq!(ran.code, 6, "{kind}\n{}", ran.err);
        assert!(ran.err.contains("the key is not known"), "{kind}\n{}", ran.err);
        assert!(ran.err.contains("FOREIGN_KEY"), "{kind}\n{}", ran.err);
        assert_eq!(journal(&url).len(), count + 1, "{kind}");
    }
}
