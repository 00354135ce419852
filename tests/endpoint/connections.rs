use std::net::TcpListener;

use stepgate::llm::EndpointError;

use crate::project::{Project, told};
use crate::wire_server::{Act, WireServer, gate, reply, send};

/// A port of this machine that nobody listens at. One that was just freed may be another test's by now.
const DEAF: u16 = 1;

fn failure(outcome: &crate::project::Outcome) -> String {
    match &outcome.result {
        Err(EndpointError::Failed(failure)) => told(failure),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refused_connection_is_tried_once_more() {
    let outcome = Project::default().ask_watching(&format!("http://127.0.0.1:{DEAF}/v1"), |_| ());
    let why = format!("cannot connect to `127.0.0.1:{DEAF}` for endpoint `local`: connection refused");
    assert_eq!(
        failure(&outcome),
        format!(
            "exit 7\nunreachable: {why}; 2 attempts were made\n  help check `url` in `[endpoint.local]`, and that the server runs"
        )
    );
    let told: Vec<_> = outcome
        .retries
        .iter()
        .map(|(attempt, _, why)| (*attempt, why.as_str()))
        .collect();
    assert_eq!(told, [(2, why.as_str())]);
}

#[test]
fn a_name_that_is_not_known_is_tried_once_more() {
    let project = Project {
        with_key: false,
        ..Project::default()
    };
    let outcome = project.ask_watching("http://nowhere.invalid:8000/v1", |_| ());
    let text = failure(&outcome);
    let start = "exit 7\nunreachable: cannot connect to `nowhere.invalid:8000` for endpoint `local`: failed to lookup address information";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("; 2 attempts were made\n"), "{text}");
    assert_eq!(outcome.retries.len(), 1);
}

#[test]
fn what_does_not_speak_tls_is_neither_trusted_nor_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut hello = [0; 5];
        std::io::Read::read_exact(&mut connection, &mut hello).unwrap();
        std::io::Write::write_all(&mut connection, b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        listener
    });
    let outcome = Project::default().ask_watching(&format!("https://127.0.0.1:{port}/v1"), |_| ());
    let listener = server.join().unwrap();
    assert_eq!(
        failure(&outcome),
        format!(
            "exit 7\nunreachable: cannot connect to `127.0.0.1:{port}` for endpoint `local`: TLS: the server does not speak TLS there\n  help check `url` in `[endpoint.local]`; a connection that cannot be trusted is not used"
        )
    );
    assert_eq!(outcome.retries.len(), 0);
    listener.set_nonblocking(true).unwrap();
    assert_eq!(
        listener.accept().unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
}

#[test]
fn a_proxy_is_named_and_its_password_is_not() {
    let project = Project {
        variables: vec![(
            "http_proxy".to_owned(),
            format!("http://me:marker-password@127.0.0.1:{DEAF}"),
        )],
        with_key: false,
        ..Project::default()
    };
    let outcome = project.ask_watching("http://server.invalid/v1", |_| ());
    assert_eq!(
        failure(&outcome),
        format!(
            "exit 7\nunreachable: cannot connect to `server.invalid:80` for endpoint `local` through the proxy `http://127.0.0.1:{DEAF}` from environment variable `http_proxy`: connection refused; 2 attempts were made\n  help check `url` in `[endpoint.local]`, and that the server runs"
        )
    );
}

#[test]
fn a_proxy_is_used() {
    let proxy = WireServer::start([reply("through")]);
    let project = Project {
        variables: vec![("http_proxy".to_owned(), proxy.url())],
        with_key: false,
        ..Project::default()
    };
    let outcome = project.ask_watching("http://server.invalid/v1", |_| ());
    assert_eq!(outcome.result.unwrap().text, "through");
    assert_eq!(
        proxy.requests()[0].path,
        "http://server.invalid/v1/chat/completions"
    );
}

#[test]
fn a_server_that_does_not_begin_is_given_up() {
    let (open, closed) = gate();
    let (outcome, server) = Project::with("header_timeout = 0.2").ask([vec![Act::Wait(closed)]]);
    assert_eq!(
        outcome.told(&server),
        "exit 7\nno-answer: endpoint `local` did not begin to answer within 200 ms, at `http://SERVER/v1` for model `m`\n  help the request may have been billed\n  help raise `header_timeout` in `[endpoint.local]` for a slow server"
    );
    assert_eq!((server.requests().len(), outcome.retries.len()), (1, 0));
    drop(open);
}

#[test]
fn a_connection_that_breaks_before_the_answer_is_not_tried_again() {
    for script in [vec![], vec![send("HTTP/1.1 200 OK\r\ncontent-ty")]] {
        let (outcome, server) = Project::default().ask([script]);
        assert_eq!(
            outcome.told(&server),
            "exit 7\nno-answer: endpoint `local` closed the connection without an answer: connection closed before message completed, at `http://SERVER/v1` for model `m`\n  help the request may have been billed\n  help run again later"
        );
        assert_eq!((server.requests().len(), outcome.retries.len()), (1, 0));
    }
}

#[test]
fn what_is_not_http_is_not_tried_again() {
    let (outcome, server) = Project::default().ask([vec![send("SSH-2.0-OpenSSH\r\n")]]);
    assert_eq!(
        outcome.told(&server),
        "exit 7\nno-answer: endpoint `local` closed the connection without an answer: invalid HTTP version parsed, at `http://SERVER/v1` for model `m`\n  help the request may have been billed\n  help run again later"
    );
    assert_eq!((server.requests().len(), outcome.retries.len()), (1, 0));
}

#[test]
fn a_key_does_not_go_over_plain_http_to_another_machine() {
    let url = "http://models.example/v1";
    let help = "\n  help use an `https://` URL\n  help or say that it may: `insecure_http = true` in `[endpoint.local]`, or `--insecure-http`";
    let refused = Project::default().endpoint(url).unwrap_err();
    assert_eq!(
        told(&refused),
        format!(
            "exit 6\ninsecure-http: endpoint `local` would send the key from environment variable `LOCAL_KEY` to `http://models.example/v1` over plain HTTP, where others can read it{help}"
        )
    );
    let headers = Project {
        with_key: false,
        ..Project::with("headers = { api-key = \"marker\" }")
    };
    assert_eq!(
        told(&headers.endpoint(url).unwrap_err()),
        format!(
            "exit 6\ninsecure-http: endpoint `local` would send its `headers` to `http://models.example/v1` over plain HTTP, where others can read it{help}"
        )
    );
    let keyless = || Project {
        with_key: false,
        ..Project::default()
    };
    let in_query = keyless().endpoint(&format!("{url}?api-version=1&key=marker-in-query-1"));
    assert_eq!(
        told(&in_query.unwrap_err()),
        format!(
            "exit 6\ninsecure-http: endpoint `local` would send what the query of its `url` holds to `http://models.example/v1` over plain HTTP, where others can read it{help}"
        )
    );
    for (project, url) in [
        (Project::with("insecure_http = true"), url),
        (Project::default(), "https://models.example/v1"),
        (Project::default(), "http://127.0.0.1:1/v1"),
        (Project::default(), "http://[::1]:1/v1"),
        (Project::default(), "http://localhost:1/v1"),
        (keyless(), url),
        (keyless(), "http://models.example/v1?api-version=2024-10-21"),
        (
            Project::with("insecure_http = true"),
            "http://models.example/v1?key=marker-in-query-1",
        ),
    ] {
        let endpoint = project.endpoint(url).unwrap();
        assert!(!format!("{endpoint:?}").contains("marker"), "{endpoint:?}");
    }
}
