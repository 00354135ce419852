//! What was recorded is said again: same request, same bytes.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::mock_server::{Heard, MockServer, Talk, chat};
use crate::support::project::Project;

const UPSTREAM: &str = r#"description = "the real one"
[[rule]]
description = "fails first"
when = { model = "shaky" }
[[rule.reply]]
error = { status = 529, message = "overloaded", retry_after = "2s" }
[[rule.reply]]
text = "better now"
[[rule]]
description = "answers"
[[rule.reply]]
text = "grün: one two three four"
pace = { flush = true }
"#;

/// Records what `ask` asks of an upstream with [`UPSTREAM`] into `recorded.toml`, and gives what it heard.
fn record(project: &Project, ask: fn(u16) -> Vec<Heard>) -> Vec<Heard> {
    let upstream = MockServer::of(project, UPSTREAM);
    let mut command = project.command(&["mock", "record", "--upstream", &upstream.url]);
    let mut recorder = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(recorder.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let port = line
        .trim()
        .trim_end_matches("\"}")
        .rsplit_once(':')
        .unwrap()
        .1
        .parse()
        .unwrap();
    let heard = ask(port);
    kill_process(
        Pid::from_raw(i32::try_from(recorder.id()).unwrap()).unwrap(),
        Signal::TERM,
    )
    .unwrap();
    assert_eq!(recorder.wait().unwrap().code(), Some(0));
    heard
}

/// What is the same in the original and in its repetition: all but the headers of the transfer itself.
fn essence(heard: &Heard) -> (u16, Option<String>, Option<String>, Vec<u8>) {
    let header = |name| heard.header(name).map(str::to_owned);
    (
        heard.status,
        header("content-type"),
        header("retry-after"),
        heard.body.clone(),
    )
}

fn asked(port: u16) -> Vec<Heard> {
    let once = |method: &str, path: &str, body: &str| {
        let mut talk = Talk::to(port);
        talk.ask(
            method,
            path,
            &[("authorization", "Bearer secret-of-mine-123")],
            body.as_bytes(),
        );
        talk.hear()
    };
    let anthropic =
        r#"{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hello"}]}"#;
    vec![
        once("POST", "/v1/chat/completions", &chat("m", true)),
        once("POST", "/v1/chat/completions", &chat("m", false)),
        once("POST", "/v1/messages", anthropic),
        once("POST", "/v1/chat/completions", &chat("shaky", true)),
        once("POST", "/v1/chat/completions", &chat("shaky", true)),
        once("GET", "/v1/models?key=secret-of-mine-456", ""),
        once(
            "POST",
            "/v1/messages/batches",
            &format!(
                r#"{{"requests":[{{"custom_id":"a","params":{}}}]}}"#,
                anthropic.replace("true", "false")
            ),
        ),
        once(
            "GET",
            "/v1/messages/batches/msgbatch_010000000000000000000001",
            "",
        ),
        once(
            "GET",
            "/v1/messages/batches/msgbatch_010000000000000000000001",
            "",
        ),
    ]
}

#[test]
fn the_same_request_gets_the_same_bytes() {
    let project = Project::new();
    let original: Vec<_> = record(&project, asked).iter().map(essence).collect();
    let statuses: Vec<u16> = original.iter().map(|heard| heard.0).collect();
    assert_eq!(statuses, [200, 200, 200, 529, 200, 200, 200, 200, 200]);
    assert!(String::from_utf8_lossy(&original[8].3).contains("ended"));
    for args in [
        &["recorded.toml"][..],
        &["recorded.toml", "--no-pace", "--strict"],
    ] {
        let server = MockServer::start(&project, args);
        let again: Vec<_> = asked(server.port).iter().map(essence).collect();
        assert_eq!(again, original);
        // Every rule was used and every request known.
        assert_eq!(server.end(Signal::TERM).0, Some(0));
    }
}

#[test]
fn another_request_gets_none() {
    let project = Project::new();
    record(&project, asked);
    let server = MockServer::start(&project, &["recorded.toml"]);
    let blank = chat("m", true).replace("hello", "hello ");
    let heard = server.ask("POST", "/v1/chat/completions", &blank);
    assert_eq!(heard.status, 404);
    assert_eq!(heard.json()["error"]["code"], "mock_unmatched");
    // What was not recorded is answered by what stands beside it.
    project.write(
        "more.toml",
        "description = \"more\"\n[[rule]]\ndescription = \"all\"\n[[rule.reply]]\ntext = \"not recorded\"\n",
    );
    let server = MockServer::start(&project, &["recorded.toml", "more.toml"]);
    let heard = server.ask("POST", "/v1/chat/completions", &blank);
    assert_eq!((heard.status, heard.said().as_str()), (200, "not recorded"));
}

#[test]
fn no_key_is_on_disk() {
    let project = Project::new();
    record(&project, asked);
    let mut folders = vec![project.root()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(14).any(|window| window == b"secret-of-mine");
            assert!(!found, "{}", path.display());
            files += 1;
        }
    }
    assert!(files > 6, "{files}");
}
