//! LiteLLM's proxy: what it says is its own, whatever stands behind it; here that is our mock server, in two dialects.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use crate::installed;
use crate::running::Running;
use crate::session::{KEY, Served, assert_done};
use crate::support::mock_server::MockServer;
use crate::support::project::{Project, reply_with};
use crate::{here, skipped};

#[test]
fn every_dialect_that_it_speaks_ends_in_the_same_plan() {
    if std::env::var_os("STEPGATE_LITELLM").is_none() {
        use std::io::Write;
        let why = "it is 750 MB: STEPGATE_LITELLM=1 installs it";
        let mut stderr = std::io::stderr();
        writeln!(stderr, "skipped: LiteLLM ({why})").unwrap();
        return;
    }
    let python = match installed::python(&here().join("litellm/requirements.txt")) {
        Ok(python) => python,
        Err(missing) => return skipped("LiteLLM", &missing),
    };
    let project = Project::new();
    let rule = |step: &str, path: &str, text: &str| {
        let reply = reply_with(path, text);
        format!(
            "[[rule]]\ndescription = \"answers {step}\"\nwhen = {{ step = \"{step}\" }}\n[[rule.reply]]\ntext = '''\n{reply}'''\n"
        )
    };
    let rules = rule("1.1", "one.txt", "one") + &rule("1.2", "two.txt", "two");
    let behind = MockServer::of(&project, &format!("description = \"good\"\n{rules}"));
    let folder = tempfile::tempdir().unwrap();
    let config = fs::read_to_string(here().join("litellm/config.yaml")).unwrap();
    let path = folder.path().join("config.yaml");
    fs::write(&path, config.replace("UPSTREAM", &behind.url)).unwrap();
    // It takes no port 0: one that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = Command::new(python.with_file_name("litellm"));
    command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--config"]);
    command.arg(&path).current_dir(folder.path());
    command.env("HOME", folder.path());
    command.env("LITELLM_MASTER_KEY", KEY);
    command.env("LITELLM_LOCAL_MODEL_COST_MAP", "True");
    let (_running, url) = Running::start(&mut command, "Uvicorn running on ");
    let speak = [
        ("openai", "by-chat"),
        ("openai", "by-messages"),
        ("openai-responses", "by-chat"),
        ("anthropic", "by-chat"),
        ("anthropic", "by-messages"),
    ];
    let ends: Vec<_> = speak
        .map(|(kind, model)| {
            Served {
                kind,
                url: &url,
                model,
            }
            .run()
        })
        .into();
    assert_done(&ends[0]);
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
    let unknown = Served {
        kind: "openai",
        url: &url,
        model: "nobody",
    };
    let ran = unknown.fail();
    assert!(ran.err.contains("Invalid model name"), "{}", ran.err);
    assert_eq!(ran.code, 6, "{}", ran.err);
}
