//! What the server says that it was asked.

use serde_json::{Value, json};

use crate::support::mock_server::{MockServer, chat};
use crate::support::project::Project;

/// A request without what differs from run to run.
fn bare(mut request: Value) -> Value {
    let request_map = request.as_object_mut().unwrap();
    request_map.remove("at");
    request_map["headers"] = Value::Null;
    request
}

#[test]
fn every_request_is_put_down_with_what_came_of_it() {
    let project = Project::new();
    project.write(
        "scenario.toml",
        "description = \"one\"\n[[rule]]\ndescription = \"about tea\"\nwhen = { model = \"tea\" }\n[[rule.reply]]\ntext = \"x\"\n",
    );
    let server = MockServer::start(&project, &["scenario.toml", "--log", "requests.jsonl"]);
    let body = "{\"model\": \"tea\",\n \"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \"Step 2.1\"}]}";
    server.ask("POST", "/v1/chat/completions", body);
    server.chat("milk", false);
    server.ask("POST", "/v1/messages", "no JSON");
    let document = server.requests();
    assert_eq!(
        (&document["schema"], &document["total"], &document["dropped"]),
        (&json!("stepgate.mock-requests/1"), &json!(3), &json!(0))
    );
    let kept: Vec<Value> = document["requests"]
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(bare)
        .collect();
    let expected = json!([
        {"number": 1, "method": "POST", "path": "/v1/chat/completions", "dialect": "openai", "model": "tea",
         "stream": true, "step": "2.1", "rule": "about tea", "status": 200, "unmatched": null, "headers": null,
         "body": serde_json::from_str::<Value>(body).unwrap()},
        {"number": 2, "method": "POST", "path": "/v1/chat/completions", "dialect": "openai", "model": "milk",
         "stream": false, "step": null, "rule": null, "status": 404,
         "unmatched": "no rule of the scenario answers this request: the nearest rule, \"about tea\", wants model `tea` (scenario.toml:4:8); add a rule whose `when` fits, or one without `when` as the last",
         "headers": null, "body": serde_json::from_str::<Value>(&chat("milk", false)).unwrap()},
        {"number": 3, "method": "POST", "path": "/v1/messages", "dialect": "anthropic", "model": null,
         "stream": null, "step": null, "rule": null, "status": 400, "unmatched": document["requests"][2]["unmatched"],
         "headers": null,
         "body": "no JSON"},
    ]);
    assert_eq!(Value::from(kept), expected);
    // The file has the same, a line each.
    let lines: Vec<Value> = project
        .read("requests.jsonl")
        .lines()
        .map(|line| bare(serde_json::from_str(line).unwrap()))
        .collect();
    assert_eq!(Value::from(lines), expected);
}

#[test]
fn it_is_cleared_and_everything_is_reset() {
    let project = Project::new();
    let server = MockServer::of(
        &project,
        "description = \"s\"\n[[rule]]\ndescription = \"r\"\n[[rule.reply]]\nerror = { status = 500, message = \"first\" }\n[[rule.reply]]\ntext = \"then\"\n",
    );
    assert_eq!(
        [server.chat("m", false).status, server.chat("m", false).status],
        [500, 200]
    );
    let rules = server.ask("GET", "/_stepgate/rules", "").json();
    assert_eq!(
        rules,
        json!({"schema": "stepgate.mock-rules/1", "unmatched": 0, "rules": [
            {"description": "r", "path": "scenario.toml", "line": 2, "calls": 2},
        ]})
    );
    assert_eq!(
        server.ask("DELETE", "/_stepgate/requests", "").json(),
        json!({"ok": true})
    );
    assert_eq!(server.requests()["total"], 0);
    // Clearing the log leaves the scenario where it is; a reset begins it anew.
    assert_eq!(server.chat("m", false).status, 200);
    assert_eq!(
        server.ask("POST", "/_stepgate/reset", "").json(),
        json!({"ok": true})
    );
    assert_eq!(server.chat("m", false).status, 500);
    assert_eq!(server.requests()["requests"][0]["number"], 1);
    assert_eq!(server.ask("GET", "/_stepgate/nothing", "").status, 404);
    assert_eq!(server.ask("GET", "/_stepgate/reset", "").status, 405);
}

#[test]
fn memory_holds_the_last_ones_only() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    let mut talk = server.connect();
    for _ in 0..1_100 {
        talk.ask("POST", "/v1/chat/completions", &[], chat("m", false).as_bytes());
        talk.hear();
    }
    let document = server.requests();
    let kept = document["requests"].as_array().unwrap();
    assert_eq!(
        (&document["total"], &document["dropped"]),
        (&json!(1_100), &json!(100))
    );
    assert_eq!(
        (kept.len(), &kept[0]["number"], &kept[999]["number"]),
        (1_000, &json!(101), &json!(1_100))
    );
    // A large body is kept in part.
    let large = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"{}"}}]}}"#,
        "x".repeat(1 << 20)
    );
    server.ask("POST", "/v1/chat/completions", &large);
    let last = server.requests()["requests"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!((&last["body_cut"], &last["model"]), (&json!(true), &json!("m")));
    assert_eq!(last["body"].as_str().unwrap().len(), 256 << 10);
}
