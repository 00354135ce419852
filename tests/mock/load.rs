//! What no test does on purpose, and every test does by accident: crowds, floods, and clients that leave.

use std::net::TcpStream;

use crate::support::mock_server::{MockServer, Talk, chat};
use crate::support::project::Project;

/// Memory of a process in KiB.
fn memory(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn ten_thousand_connections_come_and_go() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    for round in 0..10_000 {
        let Ok(stream) = TcpStream::connect(("127.0.0.1", server.port)) else {
            // Without room for another connection the system lets this one wait for its turn.
            continue;
        };
        if round % 3 == 0 {
            use std::io::Write as _;
            // Half a request.
            let _ = (&stream).write_all(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-le");
        }
        drop(stream);
    }
    assert_eq!(server.chat("m", false).status, 200);
    assert_eq!(server.requests()["total"], 1);
}

#[test]
fn a_body_that_is_too_large_is_refused_clearly() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    let padding = "x".repeat(64 << 20);
    let body =
        format!(r#"{{"model":"m","max_tokens":1,"messages":[{{"role":"user","content":"{padding}"}}]}}"#);
    for (path, word) in [
        ("/v1/chat/completions", "invalid_request_error"),
        ("/v1/messages", "request_too_large"),
        ("/api/chat", "larger than 32 MiB"),
    ] {
        let heard = server.ask("POST", path, &body);
        assert_eq!(heard.status, 413, "{path}");
        assert!(heard.text().contains(word), "{path}: {}", heard.text());
    }
    // One below the limit is answered.
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"{}"}}]}}"#,
        "x".repeat(31 << 20)
    );
    assert_eq!(server.ask("POST", "/v1/chat/completions", &body).status, 200);
    assert_eq!(server.chat("m", false).status, 200);
}

#[test]
fn clients_that_leave_in_the_middle_are_let_go() {
    let project = Project::new();
    let server = MockServer::of(
        &project,
        "description = \"s\"\n[[rule]]\ndescription = \"endless\"\n[[rule.reply]]\ntext = \"one two\"\nfault = { endless = true }\n",
    );
    let before = server.descriptors().unwrap_or(usize::MAX);
    for _ in 0..50 {
        let mut talk = server.connect();
        talk.ask("POST", "/v1/chat/completions", &[], chat("m", true).as_bytes());
        talk.some().unwrap();
    }
    server.wait_for_descriptors(before);
    assert_eq!(server.requests()["total"], 50);
}

#[test]
fn memory_does_not_grow_with_requests() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    let Some(_) = memory(server.pid()) else {
        println!("skipped: memory_does_not_grow_with_requests: there is no /proc");
        return;
    };
    let body = chat("m", false);
    let ask = |talk: &mut Talk, times: usize| {
        for _ in 0..times {
            talk.ask("POST", "/v1/chat/completions", &[], body.as_bytes());
            assert_eq!(talk.hear().status, 200);
        }
    };
    let mut talk = server.connect();
    ask(&mut talk, 2_000);
    let before = memory(server.pid()).unwrap();
    ask(&mut talk, 6_000);
    let after = memory(server.pid()).unwrap();
    assert!(after < before + 2_048, "from {before} KiB to {after} KiB");
}

#[test]
fn bytes_that_are_no_request_close_their_connection_only() {
    let project = Project::new();
    let server = MockServer::start(&project, &[]);
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        &[b'a'; 100_000],
    ] {
        let mut talk = server.connect();
        talk.send(bytes);
        talk.send(b"\r\n\r\n");
        while talk.some().is_ok() {}
    }
    assert_eq!(server.chat("m", false).status, 200);
}
