//! What is answered: dialects, models, conditions, what no rule fits, what is asked wrongly.

use serde_json::{Value, json};

use crate::support::mock_server::{MockServer, Talk, chat};
use crate::support::project::Project;

const RULES: &str = r#"description = "conditions"
models = ["gpt-a", "claude-b"]

[[rule]]
description = "by header"
when = { header = { "x-team" = "blue*" } }
reply = [{ text = "blue" }]

[[rule]]
description = "by step"
when = { step = "1.2" }
reply = [{ text = "step" }]

[[rule]]
description = "by text"
when = { contains = "tea", dialect = "openai" }
reply = [{ text = "tea" }]

[[rule]]
description = "by pattern and call"
when = { matches = "cups? of \\w+", call = 2 }
reply = [{ text = "second cup" }]

[[rule]]
description = "by model"
when = { model = "claude-*" }
reply = [{ text = "{{ model }} heard: {{ prompt }}", template = true }]
"#;

fn ask(server: &MockServer, model: &str, content: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let body = json!({"model": model, "messages": [{"role": "user", "content": content}]});
    let mut talk = server.connect();
    talk.ask(
        "POST",
        "/v1/chat/completions",
        headers,
        body.to_string().as_bytes(),
    );
    let heard = talk.hear();
    (heard.status, heard.json())
}

fn said(server: &MockServer, model: &str, content: &str, headers: &[(&str, &str)]) -> String {
    let (status, json) = ask(server, model, content, headers);
    assert_eq!(status, 200, "{json}");
    json["choices"][0]["message"]["content"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn the_first_rule_that_fits_answers() {
    let project = Project::new();
    let server = MockServer::of(&project, RULES);
    assert_eq!(said(&server, "m", "tea", &[("X-Team", "blue-1")]), "blue");
    assert_eq!(said(&server, "m", "Implement Step 1.2 of EP-0001", &[]), "step");
    assert_eq!(
        said(
            &server,
            "m",
            "# The step to carry out: 1.2, Title\n\nSee step 9.9",
            &[]
        ),
        "step"
    );
    assert_eq!(said(&server, "claude-1", "some tea", &[]), "tea");
    assert_eq!(
        said(&server, "claude-1", "a cup of milk", &[]),
        "claude-1 heard: a cup of milk"
    );
    assert_eq!(said(&server, "claude-1", "cups of milk", &[]), "second cup");
    assert_eq!(
        said(&server, "claude-1", "cups of milk", &[]),
        "claude-1 heard: cups of milk"
    );
}

#[test]
fn what_no_rule_fits_is_told_the_nearest() {
    let project = Project::new();
    let server = MockServer::of(&project, RULES);
    let (status, json) = ask(&server, "m", "Implement Step 1.3", &[]);
    assert_eq!(status, 404);
    assert_eq!(
        json["error"],
        json!({
            "message": "no rule of the scenario answers step `1.3`: the nearest rule, \"by step\", wants step `1.2` (scenario.toml:11:8); add a rule whose `when` fits, or one without `when` as the last",
            "type": "invalid_request_error",
            "param": null,
            "code": "mock_unmatched",
        })
    );
    assert_eq!(server.requests()["requests"][0]["rule"], Value::Null);
    let (code, told) = server.end(rustix::process::Signal::TERM);
    assert_eq!(code, Some(0));
    assert!(
        told.contains("no rule of the scenario answers step `1.3`"),
        "{told}"
    );

    let lenient = MockServer::start(&project, &["scenario.toml", "--lenient"]);
    let (status, json) = ask(&lenient, "m", "Implement Step 1.3", &[]);
    assert_eq!(status, 200, "{json}");
}

#[test]
fn without_a_scenario_everything_is_answered() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    let body = r#"{"model":"m","max_tokens":9,"stream":false,"input":"hello","messages":[{"role":"user","content":"hello"}]}"#;
    let texts = [
        ("/v1/chat/completions", "/choices/0/message/content"),
        ("/v1/responses", "/output/0/content/0/text"),
        ("/v1/messages", "/content/0/text"),
        ("/api/chat", "/message/content"),
        (
            "/some/gateway/openai/v1/chat/completions",
            "/choices/0/message/content",
        ),
        (
            "/openai/deployments/gpt/chat/completions?api-version=1",
            "/choices/0/message/content",
        ),
    ];
    for (path, pointer) in texts {
        let heard = server.ask("POST", path, body);
        let json = heard.json();
        let text = json.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        assert!(
            heard.status == 200 && text.contains("stepgate mock serve my.toml"),
            "{path}: {json}"
        );
    }
}

#[test]
fn several_scenarios_are_asked_in_their_order() {
    let project = Project::new();
    project.write("scenario.toml", RULES);
    project.write(
        "more.toml",
        "description = \"more\"\n[[rule]]\ndescription = \"all\"\n[[rule.reply]]\nfile = \"all.md\"\n",
    );
    project.write("all.md", "all");
    let server = MockServer::start(&project, &["scenario.toml", "more.toml"]);
    assert_eq!(said(&server, "m", "tea", &[]), "tea");
    assert_eq!(said(&server, "m", "milk", &[]), "all");
}

#[test]
fn models_are_listed_as_each_provider_does() {
    let project = Project::new();
    let server = MockServer::of(&project, RULES);
    let ids = |json: &Value, list: &str, key: &str| {
        let models = json[list].as_array().unwrap().iter();
        models
            .map(|model| model[key].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ids(&server.ask("GET", "/v1/models", "").json(), "data", "id"),
        ["gpt-a", "claude-b"]
    );
    assert_eq!(
        ids(&server.ask("GET", "/api/tags", "").json(), "models", "name"),
        ["gpt-a", "claude-b"]
    );
    let mut talk = server.connect();
    talk.ask("GET", "/v1/models", &[("anthropic-version", "2023-06-01")], b"");
    let anthropic = talk.hear().json();
    assert_eq!(
        (ids(&anthropic, "data", "id"), &anthropic["has_more"]),
        (vec!["gpt-a".to_owned(), "claude-b".to_owned()], &json!(false))
    );
    assert_eq!(server.ask("GET", "/v1/models/gpt-a", "").json()["id"], "gpt-a");
    assert_eq!(server.ask("GET", "/v1/models/gpt-z", "").status, 404);
}

#[test]
fn tokens_are_counted_and_cached_as_providers_do() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    let counted = server.ask(
        "POST",
        "/v1/messages/count_tokens",
        r#"{"model":"m","messages":[{"role":"user","content":"12345678"}]}"#,
    );
    assert_eq!(counted.json(), json!({"input_tokens": 2}));

    // 2,000 tokens that are the same, and some that are not.
    let prefix = "abcd".repeat(2_000);
    let openai = |last: &str| {
        let body = json!({"model": "m", "messages": [
            {"role": "system", "content": prefix},
            {"role": "user", "content": last},
        ]});
        let usage = server
            .ask("POST", "/v1/chat/completions", &body.to_string())
            .json()["usage"]
            .clone();
        (
            usage["prompt_tokens"].clone(),
            usage["prompt_tokens_details"]["cached_tokens"].clone(),
        )
    };
    assert_eq!(openai("1234"), (json!(2001), json!(0)));
    assert_eq!(openai("5678"), (json!(2001), json!(1920)));

    let anthropic = |last: &str| {
        let body = json!({"model": "m", "max_tokens": 9,
            "system": [{"type": "text", "text": prefix, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": last}],
        });
        let usage = server.ask("POST", "/v1/messages", &body.to_string()).json()["usage"].clone();
        [
            "input_tokens",
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
        ]
        .map(|name| usage[name].as_u64().unwrap())
    };
    assert_eq!(anthropic("1234"), [1, 2000, 0]);
    assert_eq!(anthropic("5678"), [1, 0, 2000]);
}

#[test]
fn what_is_asked_wrongly_is_told_in_the_providers_shape() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    let error = |method: &str, path: &str, body: &str| {
        let heard = server.ask(method, path, body);
        let json = heard.json();
        let error = &json["error"];
        let message = error["message"]
            .as_str()
            .or(error.as_str())
            .unwrap_or_default()
            .to_owned();
        (heard.status, message)
    };
    let cases = [
        ("POST", "/v1/chat/completions", "{", 400, "JSON"),
        ("POST", "/v1/chat/completions", "{}", 400, "model"),
        (
            "POST",
            "/v1/messages",
            r#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#,
            400,
            "max_tokens",
        ),
        ("POST", "/api/chat", r#"{"messages":[]}"#, 400, "model"),
        (
            "POST",
            "/v1/responses",
            r#"{"model":"m","input":5}"#,
            400,
            "input",
        ),
        ("GET", "/v1/chat/completions", "", 405, "is asked with POST"),
        ("POST", "/v1/embeddings", "{}", 404, "nothing at `/v1/embeddings`"),
    ];
    for (method, path, body, status, word) in cases {
        let (found, message) = error(method, path, body);
        assert_eq!(found, status, "{path}: {message}");
        assert!(message.contains(word), "{path}: {message}");
    }
    assert_eq!(server.ask("POST", "/v1/messages", "{").json()["type"], "error");
}

#[test]
fn a_real_key_is_refused_and_never_written_down() {
    let project = Project::new();
    let server = MockServer::start(&project, &["--log", "requests.jsonl"]);
    let key = "sk-proj-Zk3v9QpXw7LmNbTyUiOaSdFgHjKl1234567890AbCdEf";
    let mut talk = server.connect();
    let bearer = format!("Bearer {key}");
    talk.ask(
        "POST",
        "/v1/chat/completions",
        &[("authorization", &bearer)],
        chat("m", false).as_bytes(),
    );
    let heard = talk.hear();
    assert_eq!(heard.status, 401);
    assert_eq!(heard.json()["error"]["code"], "invalid_api_key");
    assert!(!heard.text().contains(key));
    let written = project.read("requests.jsonl");
    assert!(
        !written.contains(key) && !server.requests().to_string().contains(key),
        "{written}"
    );
    let line: Value = serde_json::from_str(&written).unwrap();
    assert_eq!(line["headers"]["authorization"], "[redacted]");
}

#[test]
fn a_head_is_answered_without_a_body_and_a_connection_is_kept() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    let mut talk = Talk::to(server.port);
    for _ in 0..3 {
        talk.ask("GET", "/_stepgate/health", &[], b"");
        assert_eq!(talk.hear().json(), json!({"ok": true}));
    }
}
