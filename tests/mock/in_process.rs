//! The server as a type: how a test in Rust uses it.

use stepgate::mock::Scenario;
use stepgate::mock::server::{Ended, MockServer, ServerOptions};

use crate::support::mock_server::{Talk, chat};

const SCENARIO: &str = "description = \"in process\"\n[[rule]]\ndescription = \"answers\"\nwhen = { model = \"m\" }\n[[rule.reply]]\ntext = \"here\"\npace = { first = \"1h\" }\n[[rule]]\ndescription = \"spare\"\nwhen = { model = \"n\" }\n[[rule.reply]]\ntext = \"there\"\n";

fn start() -> MockServer {
    let scenario = Scenario::load("s.toml", &|_| Ok(SCENARIO.into())).unwrap();
    let options = ServerOptions {
        unpaced: true,
        ..ServerOptions::default()
    };
    MockServer::start(scenario, options).unwrap()
}

fn ask(server: &MockServer, model: &str) -> u16 {
    let port = server.url().rsplit_once(':').unwrap().1.parse().unwrap();
    let mut talk = Talk::to(port);
    talk.ask("POST", "/v1/chat/completions", &[], chat(model, false).as_bytes());
    talk.hear().status
}

#[test]
fn a_test_starts_it_and_asks_it_what_came() {
    let (one, other) = (start(), start());
    assert_ne!(one.url(), other.url());
    assert_eq!(
        [ask(&one, "m"), ask(&one, "x"), ask(&other, "m")],
        [200, 404, 200]
    );
    let requests: serde_json::Value = serde_json::from_slice(&one.requests()).unwrap();
    assert_eq!(requests["total"], 2);
    assert_eq!(one.unmatched().len(), 1);
    assert!(one.runs());
    let scenario = Scenario::load("s.toml", &|_| Ok(SCENARIO.into())).unwrap();
    let expected = Ended {
        requests: 2,
        unmatched: 1,
        cut: 0,
        unused: vec![("spare".to_owned(), scenario.rules[1].place.clone())],
    };
    assert_eq!(one.stop(), Ok(expected));
    // The other one goes on, and ends when it is dropped.
    assert_eq!(ask(&other, "n"), 200);
}
