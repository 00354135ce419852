use super::*;
use crate::llm::Finish;
use crate::words::Place;

const SCENARIO: &str = r#"
description = "one of each"
[[rule]]
description = "errors"
when = { step = "1.1" }
reply = [
    { error = { status = 404, message = "no such model" } },
    { error = { status = 413, message = "too long" } },
    { error = { status = 429, message = "slow down" } },
    { text = "half a", cut = true },
    { text = "one two\nthree", finish = "length", pace = { first = "1h" }, headers = { x = "y" } },
]
"#;

fn endpoint(scenario: &str) -> MockEndpoint {
    let scenario = Scenario::load("s.toml", &|_| Ok(scenario.into())).unwrap();
    MockEndpoint::new("practice", scenario)
}

fn ask(endpoint: &mut MockEndpoint, attempt: u32) -> (Result<Reply, EndpointError>, Vec<String>) {
    let request = Request {
        system: "12345".into(),
        shared: "".into(),
        own: "1234".to_owned(),
        step: "1.1".to_owned(),
        attempt,
    };
    let mut told = Vec::new();
    let reply = endpoint.send(&request, &mut |progress| match progress {
        Progress::Text(text) => told.push(text.to_owned()),
        Progress::Retry { .. } | Progress::Wait { .. } => panic!("the mock does not retry"),
    });
    (reply, told)
}

fn send(attempt: u32) -> (Result<Reply, EndpointError>, Vec<String>) {
    ask(&mut endpoint(SCENARIO), attempt)
}

fn failed(exit: Exit, rule: &'static str, text: &str) -> Result<Reply, EndpointError> {
    Err(EndpointError::Failed(Failure::new(exit, rule, text)))
}

fn said(text: &str, finish: Finish, output: u64) -> Result<Reply, EndpointError> {
    Ok(Reply {
        text: text.to_owned(),
        finish,
        usage: Some(Usage {
            input: 3,
            cached: 0,
            output,
        }),
        model: Some("mock".to_owned()),
        request_id: None,
    })
}

#[test]
fn a_reply_is_told_word_by_word() {
    let (reply, told) = send(5);
    assert_eq!(reply, said("one two\nthree", Finish::Length, 4));
    assert_eq!(told, ["one ", "two\n", "three"]);
}

#[test]
fn a_cut_reply_is_told_but_never_returned() {
    let (reply, told) = send(4);
    let text = "the reply of endpoint `practice` ended without its end";
    assert_eq!(reply, failed(Exit::EndpointFailed, "reply-cut", text));
    assert_eq!(told, ["half ", "a"]);
}

#[test]
fn a_status_decides_the_exit_code() {
    let cases = [
        (1, Exit::Configuration, "404: no such model"),
        (2, Exit::ReplyUnusable, "413: too long"),
        (3, Exit::EndpointFailed, "429: slow down"),
    ];
    for (attempt, exit, said) in cases {
        let text = format!("endpoint `practice` answered {said}");
        assert_eq!(send(attempt), (failed(exit, "endpoint-error", &text), Vec::new()));
    }
}

fn of(reply: &str) -> MockEndpoint {
    endpoint(&format!(
        "description = \"x\"\n[[rule]]\ndescription = \"r\"\n[[rule.reply]]\n{reply}\n"
    ))
}

#[test]
fn a_template_knows_the_request() {
    let mut endpoint = of(
        "template = true\ntext = \"{{ step }} {{ model }} {{ call }} {{ number }} {{ system }} {{ prompt }} {{ dialect }}\"",
    );
    let first = "1.1 mock 7 1 12345 1234 None";
    assert_eq!(ask(&mut endpoint, 7).0, said(first, Finish::Stop, 7));
    let second = "1.1 mock 7 2 12345 1234 None";
    assert_eq!(ask(&mut endpoint, 7).0, said(second, Finish::Stop, 7));
    let mut endpoint = of("template = true\ntext = \"{{ stop }}\"");
    let (reply, told) = ask(&mut endpoint, 1);
    let failure = reply.unwrap_err();
    let EndpointError::Failed(failure) = failure else {
        panic!("{failure:?}");
    };
    assert_eq!(failure.to_string(), "s.toml:6:12: there is no `stop` here");
    assert_eq!(told, [""; 0]);
}

#[test]
fn a_cut_has_a_point_and_its_times() {
    let text = "the reply of endpoint `practice` ended without its end";
    for (point, heard) in [
        ("after_chunks = 2", vec!["für ", "Elise "]),
        ("after_chunks = 0", vec![]),
        ("after_bytes = 7", vec!["für ", "El"]),
        ("after_bytes = 2", vec!["f"]),
        ("after_bytes = 99", vec!["für ", "Elise ", "und ", "mich"]),
    ] {
        let mut endpoint = of(&format!(
            "text = \"für Elise und mich\"\nfault = {{ times = 1, cut = {{ {point} }} }}"
        ));
        let (reply, told) = ask(&mut endpoint, 1);
        assert_eq!(reply, failed(Exit::EndpointFailed, "reply-cut", text), "{point}");
        assert_eq!(told, heard, "{point}");
        let (reply, _) = ask(&mut endpoint, 2);
        assert_eq!(reply, said("für Elise und mich", Finish::Stop, 5));
    }
}

#[test]
fn what_needs_a_connection_is_refused_where_it_stands() {
    let cases = [
        (
            "text = \"\"\nfault = { delay = \"1s\", cut = { after_chunks = 1 } }",
            "a fault can only be met over a connection",
        ),
        (
            "error = { status = 500, message = \"\" }\nfault = { delay = \"1s\" }",
            "a fault can only be met over a connection",
        ),
        (
            "text = \"\"\ncalls = [{ name = \"look\" }]",
            "tools can only be called over a connection",
        ),
    ];
    for (reply, message) in cases {
        let head = "description = \"x\"\n[[rule]]\ndescription = \"r\"\n[[rule.reply]]\n";
        // The recording is the scenario itself, whose length it tells.
        let length = head.len() + reply.len() + 1 - "LENGTH".len() + 3;
        let mut endpoint = of(&reply.replace("LENGTH", &length.to_string()));
        let place = Place {
            path: "s.toml".to_owned(),
            line: 4,
            column: 1,
            length: 14,
            excerpt: "[[rule.reply]]".to_owned(),
        };
        let help =
            "serve it with `stepgate mock serve`, and give its address to an endpoint of `kind = \"openai\"`";
        let expected = Failure::new(Exit::Configuration, "mock-scenario", message)
            .at(place)
            .help(help);
        let (reply, told) = ask(&mut endpoint, 1);
        assert_eq!(reply, Err(EndpointError::Failed(expected)));
        assert_eq!(told, [""; 0]);
    }
    // A fault that does not happen is none.
    let mut endpoint = of("text = \"a\"\nfault = { hang_up = true, times = 1 }");
    assert_eq!(ask(&mut endpoint, 2).0, said("a", Finish::Stop, 1));
}
