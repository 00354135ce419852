//! Exchanges that do not end in order, and recorders that are ended.

use std::io::Read as _;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use crate::recorder::{
    Recorder, ask, base, bodies, chunk, chunked_head, end, expected, scenario, timeless, until, wait,
};
use crate::support::project::Project;
use crate::support::wire_server::{Act, WireServer, gate, response, send};

#[test]
fn a_client_that_leaves_takes_the_server_along_and_nothing_is_recorded() {
    let (tell, closed) = gate();
    let (tell_waiting, closed_waiting) = gate();
    let server = WireServer::start([
        vec![chunked_head(""), chunk("one"), Act::UntilClosed(tell)],
        vec![Act::UntilClosed(tell_waiting)],
    ]);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &base(&server), &[]);
    let mut client = recorder.send(&ask("a"));
    until(&mut client, "one\r\n");
    client.shutdown(Shutdown::Both).unwrap();
    wait(&closed);
    let left = "not recorded: the client left before the response had ended";
    assert_eq!(
        recorder.told(),
        format!("POST /v1/chat/completions: 200, {left}\n")
    );

    let client = recorder.send(&ask("b"));
    while server.requests().len() < 2 {
        std::thread::yield_now();
    }
    drop(client);
    wait(&closed_waiting);
    assert_eq!(recorder.told(), format!("POST /v1/chat/completions: {left}\n"));
    assert_eq!(
        recorder.end(),
        (Some(0), "0 exchanges recorded in recorded.toml\n".to_owned())
    );
    assert_eq!(bodies(&project), expected(&[]));
    assert!(!project.root().join("recorded.toml").exists());
}

#[test]
fn a_server_that_fails_is_told_and_nothing_is_recorded() {
    let server = WireServer::start([
        vec![chunked_head(""), chunk("one")],
        vec![send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")],
        vec![send(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\nno chunk\r\n",
        )],
        vec![],
        vec![send(
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd",
        )],
    ]);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &base(&server), &[]);
    let (_, _, body) = recorder.answer(&ask("a"));
    // Without the last chunk: the client sees the cut too.
    assert_eq!(body, "3\r\none\r\n");
    let (_, _, body) = recorder.answer(&ask("b"));
    assert_eq!(body, "half");
    // What came before the fault is passed on, also where both came at once.
    let (_, _, body) = recorder.answer(&ask("c"));
    assert_eq!(body, "3\r\none\r\n");
    let (status, _, body) = recorder.answer(&ask("d"));
    assert_eq!(
        (
            status,
            body.contains(&format!("no answer from `{}`: ", base(&server)))
        ),
        (502, true),
        "{body}"
    );
    let (_, headers, body) = recorder.answer(&ask("e"));
    assert_eq!(
        (
            headers.contains(&"content-encoding: gzip".to_owned()),
            body.as_str()
        ),
        (true, "abcd")
    );
    let cut = "POST /v1/chat/completions: 200, not recorded: the server cut the response off\n";
    assert_eq!(
        [recorder.told(), recorder.told(), recorder.told()],
        [cut, cut, cut]
    );
    let told = recorder.told();
    assert!(
        told.starts_with("POST /v1/chat/completions: not recorded: no answer from "),
        "{told}"
    );
    assert_eq!(
        recorder.told(),
        "POST /v1/chat/completions: 200, not recorded: the response came compressed, and keys cannot be looked for in it\n"
    );
    assert_eq!(bodies(&project), expected(&[]));
    assert!(!project.root().join("recorded.toml").exists());
}

#[test]
fn a_server_that_is_not_there_is_a_502() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let upstream = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &upstream, &[]);
    let why = format!("cannot reach `{upstream}`: connection refused");
    let body = format!(
        "{{\"error\":{{\"message\":\"{why}\",\"type\":\"stepgate_recorder\",\"param\":null,\"code\":null}}}}"
    );
    let headers = [
        "connection: close".to_owned(),
        format!("content-length: {}", body.len()),
        "content-type: application/json".to_owned(),
    ];
    assert_eq!(recorder.answer(&ask("a")), (502, headers.to_vec(), body));
    assert_eq!(
        recorder.told(),
        format!("POST /v1/chat/completions: not recorded: {why}\n")
    );
}

#[test]
fn a_kill_leaves_whole_exchanges() {
    let (_open, gated) = gate();
    let server = WireServer::start([
        response(200, &[], "one"),
        vec![chunked_head(""), chunk("two"), end()],
        response(200, &[], "three"),
        vec![chunked_head(""), chunk("never whole"), Act::Wait(gated)],
    ]);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &base(&server), &[]);
    for model in ["a", "b", "a"] {
        recorder.answer(&ask(model));
    }
    let mut client = recorder.send(&ask("c"));
    until(&mut client, "never whole\r\n");
    recorder.child.kill().unwrap();
    recorder.child.wait().unwrap();

    let rules = scenario(&project, "recorded.toml")["rule"].clone();
    let files: Vec<Vec<String>> = rules
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| {
            let replies = rule["reply"].as_array().unwrap().iter();
            replies
                .map(|reply| project.read(reply["recorded"]["file"].as_str().unwrap()))
                .collect()
        })
        .collect();
    assert_eq!(files, [vec!["one", "three"], vec!["two"]]);

    // What was under way is cleared away by the next.
    let recorder = Recorder::start(&project, &base(&server), &["--append"]);
    assert_eq!(recorder.end().0, Some(0));
    let texts = [("1.body", "one"), ("2.body", "two"), ("3.body", "three")];
    assert_eq!(bodies(&project), expected(&texts));
}

#[test]
fn a_signal_lets_what_is_under_way_end() {
    let (open, gated) = gate();
    let server = WireServer::start([vec![
        chunked_head(""),
        chunk("one"),
        Act::Wait(gated),
        chunk("two"),
        end(),
    ]]);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &base(&server), &[]);
    let mut client = recorder.send(&ask("a"));
    until(&mut client, "one\r\n");
    let _idle = recorder.send("");
    recorder.signal(rustix::process::Signal::TERM);
    // Nobody new is let in.
    while TcpStream::connect(("127.0.0.1", recorder.port)).is_ok() {
        std::thread::yield_now();
    }
    open.send(()).unwrap();
    let mut rest = String::new();
    client.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "3\r\ntwo\r\n0\r\n\r\n");
    let mut told = String::new();
    recorder.told.read_to_string(&mut told).unwrap();
    assert_eq!(
        timeless(&told),
        "POST /v1/chat/completions: 200, 6 bytes in T s, recorded as #1\n1 exchange recorded in recorded.toml\n"
    );
    assert_eq!(recorder.child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_is_no_path_is_not_made_part_of_the_servers_name() {
    let server = WireServer::start([]);
    let project = Project::new();
    let recorder = Recorder::start(&project, &base(&server), &[]);
    for target in ["OPTIONS *", "CONNECT other.example:443"] {
        let request = format!("{target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert_eq!(recorder.answer(&request).0, 400, "{target}");
    }
    assert_eq!(
        recorder.end(),
        (Some(0), "0 exchanges recorded in recorded.toml\n".to_owned())
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_status_that_no_scenario_holds_leaves_the_scenario_readable() {
    let server = WireServer::start([
        response(200, &[], "one"),
        response(999, &[], "denied"),
        response(200, &[], "two"),
    ]);
    let project = Project::new();
    let mut recorder = Recorder::start(&project, &base(&server), &[]);
    let answers = ["a", "b", "c"].map(|model| {
        let (status, _, body) = recorder.answer(&ask(model));
        (status, body)
    });
    let came = [(200, "one"), (999, "denied"), (200, "two")];
    assert_eq!(answers, came.map(|(status, body)| (status, body.to_owned())));
    let told = [recorder.told(), recorder.told(), recorder.told()];
    assert_eq!(
        told,
        [
            "POST /v1/chat/completions: 200, 3 bytes in T s, recorded as #1\n",
            "POST /v1/chat/completions: 999, not recorded: a scenario holds no status but 200 to 599\n",
            "POST /v1/chat/completions: 200, 3 bytes in T s, recorded as #2\n",
        ]
    );
    assert_eq!(recorder.end().0, Some(0));
    assert_eq!(
        bodies(&project),
        expected(&[("1.body", "one"), ("2.body", "two")])
    );
    let statuses: Vec<i64> = scenario(&project, "recorded.toml")["rule"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["reply"][0]["recorded"]["status"].as_integer().unwrap())
        .collect();
    assert_eq!(statuses, [200, 200]);
}

#[test]
fn without_room_for_a_connection_it_waits_and_does_not_spin() {
    let server = WireServer::start([response(200, &[], "one")]);
    let project = Project::new();
    let recorder = Recorder::start(&project, &base(&server), &[]);
    let id = recorder.child.id();
    let pid = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
    let limits = getrlimit(Resource::Nofile);
    // Below those that it has: it gets no other.
    let none = Rlimit {
        current: Some(1),
        maximum: limits.maximum,
    };
    prlimit(Some(pid), Resource::Nofile, none).unwrap();
    let mut client = recorder.send(&ask("a"));
    // One that spins is never suspended of its own will.
    let before = suspended(id);
    let end = Instant::now() + Duration::from_secs(20);
    while suspended(id) < before + 25 {
        assert!(Instant::now() < end, "it spins");
        std::thread::yield_now();
    }
    prlimit(Some(pid), Resource::Nofile, limits).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\none"), "{answer}");
}

/// How often the main thread of a process has waited for something.
fn suspended(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let count = status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count.unwrap().trim().parse().unwrap()
}

#[test]
fn keys_do_not_go_over_plain_http() {
    let project = Project::new();
    let refused = project.run(&["mock", "record", "--upstream", "http://192.0.2.1/v1"]);
    assert_eq!((refused.code, refused.out.as_str()), (6, ""));
    let text = "keys would go to `http://192.0.2.1/v1` over plain HTTP, where others can read them";
    assert!(refused.err.contains(text), "{}", refused.err);
    assert!(!project.root().join("recorded").exists());
    let flag = ["--insecure-http", "--port", "0"];
    let recorder = Recorder::start(&project, "http://192.0.2.1/v1", &flag);
    assert_eq!(recorder.end().0, Some(0));
}
