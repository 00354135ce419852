//! How the server begins and ends: its address, its exit code, what it refuses to be.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::mock_server::{End, MockServer, chat, wait_until};
use crate::support::project::Project;

const TWO: &str = r#"description = "two"
[[rule]]
description = "used"
when = { model = "a" }
reply = [{ text = "x" }]
[[rule]]
description = "spare"
when = { model = "b" }
reply = [{ text = "y" }]
"#;

#[test]
fn the_address_is_written_when_it_can_be_reached() {
    let project = Project::new();
    project.write("ready.json", "left by another");
    let server = MockServer::start(&project, &["--ready-file", "ready.json"]);
    let ready: Value = serde_json::from_str(&project.read("ready.json")).unwrap();
    assert_eq!(ready, json!({"schema": "stepgate.mock/1", "url": server.url}));
    assert_eq!(server.end(Signal::TERM).0, Some(0));
    assert!(!project.root().join("ready.json").exists());
}

#[test]
fn strict_wants_every_rule_used_and_every_request_answered() {
    let project = Project::new();
    project.write("scenario.toml", TWO);
    let strict = || MockServer::start(&project, &["scenario.toml", "--strict"]);

    let server = strict();
    server.chat("a", false);
    let (code, told) = server.end(Signal::INT);
    assert_eq!(code, Some(4));
    assert!(told.contains("the rule \"spare\" was never used"), "{told}");
    assert!(told.contains("scenario.toml:8:8"), "{told}");

    let server = strict();
    for model in ["a", "b", "c"] {
        server.chat(model, false);
    }
    let (code, told) = server.end(Signal::TERM);
    assert_eq!(code, Some(4));
    assert!(told.contains("no rule answered 1 request"), "{told}");

    let server = strict();
    server.chat("a", false);
    server.chat("b", false);
    assert_eq!(server.end(Signal::TERM).0, Some(0));

    let server = strict();
    server.chat("a", false);
    server.chat("b", false);
    server.ask("POST", "/v1/embeddings", "{}");
    let (code, told) = server.end(Signal::TERM);
    assert_eq!(code, Some(4));
    assert!(told.contains("nothing at `/v1/embeddings`"), "{told}");
}

#[test]
fn a_rule_that_fits_and_does_not_answer_was_not_used() {
    let project = Project::new();
    project.write(
        "scenario.toml",
        "description = \"s\"\n[[rule]]\ndescription = \"fifth\"\nwhen = { model = \"m\", call = 5 }\nreply = [{ text = \"x\" }]\n[[rule]]\ndescription = \"all\"\nreply = [{ text = \"y\" }]\n",
    );
    let server = MockServer::start(&project, &["scenario.toml", "--strict"]);
    server.chat("m", false);
    let rules = server.ask("GET", "/_stepgate/rules", "").json();
    let calls: Vec<_> = rules["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["calls"])
        .collect();
    assert_eq!(calls, [0, 1]);
    let (code, told) = server.end(Signal::TERM);
    assert_eq!(code, Some(4));
    assert!(told.contains("the rule \"fifth\" was never used"), "{told}");
}

#[test]
fn a_reset_between_tests_makes_nothing_undone() {
    let project = Project::new();
    project.write("scenario.toml", TWO);
    let strict = |models: [&str; 2]| {
        let server = MockServer::start(&project, &["scenario.toml", "--strict"]);
        server.chat(models[0], false);
        server.ask("POST", "/_stepgate/reset", "");
        server.chat(models[1], false);
        server.end(Signal::TERM)
    };
    assert_eq!(strict(["a", "b"]).0, Some(0));
    let (code, told) = strict(["c", "a"]);
    assert_eq!(code, Some(4));
    assert!(
        told.contains("2 requests answered") && told.contains("no rule answered 1 request"),
        "{told}"
    );
}

#[test]
fn a_signal_is_heard_while_nobody_reads() {
    let project = Project::new();
    project.write("scenario.toml", TWO);
    let server = MockServer::start(&project, &["scenario.toml"]);
    let mut talk = server.connect();
    // More than a pipe holds.
    for _ in 0..3_000 {
        talk.ask("POST", "/v1/chat/completions", &[], chat("c", false).as_bytes());
        assert_eq!(talk.hear().status, 404);
    }
    assert_eq!(server.end_unheard(Signal::TERM), Some(0));
}

#[test]
fn what_is_under_way_ends_in_order() {
    let project = Project::new();
    let server = MockServer::of(
        &project,
        "description = \"slow\"\n[[rule]]\ndescription = \"slow\"\n[[rule.reply]]\ntext = \"one two three four five six\"\npace = { first = \"100ms\", tokens_per_second = 20 }\n",
    );
    let mut talk = server.connect();
    talk.ask("POST", "/v1/chat/completions", &[], chat("m", true).as_bytes());
    let begun = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("\"one ");
    let before = talk.until(begun).unwrap();
    let (code, _) = server.end(Signal::TERM);
    assert_eq!(code, Some(0));
    let after = talk.until(|_| false).unwrap_err();
    let all = String::from_utf8([before, after.0].concat()).unwrap();
    assert!(all.contains("[DONE]") && after.1 == End::Closed, "{all}");
}

#[test]
fn an_idle_connection_holds_nothing_up() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    let mut talk = server.connect();
    talk.ask("GET", "/v1/models", &[], b"");
    talk.hear();
    let never_asked = server.connect();
    assert_eq!(server.end(Signal::TERM).0, Some(0));
    drop((talk, never_asked));
}

#[test]
fn other_machines_are_never_let_in() {
    let project = Project::new();
    for host in ["0.0.0.0", "192.168.1.5", "::", "example.com"] {
        let ran = project.run(&["mock", "serve", "--host", host]);
        assert_eq!(ran.code, 2, "{host}");
        assert!(
            ran.err.contains("would be reached from other machines"),
            "{}",
            ran.err
        );
    }
    let server = MockServer::start(&project, &["--host", "::1"]);
    assert!(server.url.starts_with("http://[::1]:"), "{}", server.url);
}

#[test]
fn a_taken_port_and_a_log_that_cannot_be_written_are_told() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    let port = server.port.to_string();
    let ran = project.run(&["mock", "serve", "--port", &port]);
    assert_eq!(ran.code, 9);
    assert!(
        ran.err.contains(&format!("cannot listen on port {port}")),
        "{}",
        ran.err
    );
    let ran = project.run(&["mock", "serve", "--log", "no/such/folder/x.jsonl"]);
    assert_eq!(ran.code, 9, "{}", ran.err);
}

#[test]
fn a_bad_scenario_is_refused_with_its_place() {
    let project = Project::new();
    project.write("scenario.toml", "description = \"x\"\n[[rule]]\ndescription = \"y\"\nwhen = { modle = \"m\" }\nreply = [{ text = \"z\" }]\n");
    let ran = project.run(&["mock", "serve", "scenario.toml"]);
    assert_eq!(ran.code, 6);
    assert!(ran.err.contains("scenario.toml:4:10"), "{}", ran.err);
    let digest = "0".repeat(64);
    let rule = |rule: &str| format!("description = \"x\"\n[[rule]]\ndescription = \"y\"\n{rule}\n");
    let cases = [
        (
            rule("reply = [{ text = \"z\", headers = { content-length = \"5\" } }]"),
            "`content-length` is the server's to say",
        ),
        (
            rule(&format!(
                "when = {{ request = \"{digest}\" }}\nreply = [{{ text = \"z\" }}]"
            )),
            "a rule with `request` gives what was recorded",
        ),
        (
            rule(&format!(
                "when = {{ request = \"{digest}\", model = \"m\" }}\nreply = [{{ text = \"z\" }}]"
            )),
            "a recorded request is known by `request` alone",
        ),
    ];
    for (text, expected) in cases {
        project.write("scenario.toml", &text);
        let ran = project.run(&["mock", "serve", "scenario.toml"]);
        assert_eq!(ran.code, 6, "{text}");
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
    let ran = project.run(&["mock", "serve", "nothing.toml"]);
    assert_eq!(ran.code, 6);
    assert!(
        ran.err.contains("cannot read the scenario `nothing.toml`"),
        "{}",
        ran.err
    );
}

#[test]
fn nothing_is_left_behind() {
    let mut project = Project::new();
    let temporary = project.root().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    project.set("TMPDIR", &temporary.display().to_string());
    let server = MockServer::start(&project, &[]);
    let held = || std::fs::read_dir(&temporary).unwrap().count();
    wait_until("the folder of batches", || held() == 1);
    assert_eq!(server.end(Signal::TERM).0, Some(0));
    assert_eq!(held(), 0);
}
