use std::io;
use std::time::Duration;

use bytes::Bytes;
use regex::Regex;

use crate::llm::Finish;
use crate::mock::template::Stands;
use crate::mock::{
    Answer, Cut, CutHow, Dialect, Drip, ErrorEvent, Fault, Malformed, MalformedWhat, Pace, Pings, Point,
    Recording, Refusal, Reply, RetryAfter, Rule, Scenario, Speech, Stall, Template, ToolCall, When,
};
use crate::words::{Failure, Place, Source};

const WHOLE: &str = r#"description = "everything"
seed = 42
models = ["a", "b"]

[[rule]]
description = "all conditions"
[rule.when]
step = "1.2"
contains = ["tea", "cup"]
matches = 'te+a'
model = "gpt-*"
dialect = "openai-responses"
header = { X-Team = "blue*", accept = "*" }
call = { from = 2, to = 5 }
[[rule.reply]]
file = "replies/one.md"
finish = "content-filter"
times = 3
headers = { X-B = "2", x-a = "1" }
pace = { first = "300ms", tokens_per_second = 50, chunk = 4, flush = true }
[[rule.reply]]
text = "no more"
finish = "refusal"
cut = true
fault = { times = 2, delay = "2s" }
[[rule.reply]]
text = "{{ model }}"
template = true
finish = "length"
[[rule.reply]]
calls = [{ name = "look", arguments = { deep = { on = true, at = [1, 2.5, 1979-05-27] }, who = "I" } }, { name = "stop" }]

[[rule]]
description = "errors"
when = { contains = "x", dialect = "anthropic", call = 2 }
[[rule.reply]]
error = { status = 429, message = "slow", type = "t", code = "c", retry_after = "1500ms" }
fault = { delay = "1m", drip = { bytes = 2, every = "10ms" } }
[[rule.reply]]
error = { status = 503, body = "<html>", retry_after = { date = "2s" } }

[[rule]]
description = "faults"
when = {}
[[rule.reply]]
text = ""
fault = { chance = 0.5, hang_up = true }
[[rule.reply]]
text = ""
fault = { refuse = "1s", hang_up = false }
[[rule.reply]]
text = ""
[rule.reply.fault]
content_type = "text/html"
stall = { after_chunks = 3, for = "5s" }
cut = { after_bytes = 100 }
malformed = { chunk = 2, what = "event" }
split_characters = true
error_event = { after_chunks = 1, status = 529, message = "busy" }
endless = true
pings = "misplaced"
[[rule.reply]]
text = ""
fault = { stall = { after_bytes = 0 }, cut = { after_chunks = 1, how = "reset" }, malformed = { what = "json" }, pings = "doubled" }
[[rule]]
description = "recorded"
when = { request = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" }
[[rule.reply]]
times = 1
recorded = { status = 200, headers = [["B", "2"], ["a", "1"], ["b", "3"]], file = "one.body", pieces = [[12.5, 2], [0, 0], [1, 3]] }
"#;

fn load(text: &str) -> Result<Scenario, Failure> {
    Scenario::load("mocks/s.toml", &|path| match path {
        "mocks/s.toml" => Ok(text.into()),
        "mocks/replies/one.md" => Ok("one\n".into()),
        "mocks/one.body" => Ok(b"\xffbcde".to_vec()),
        _ => Err(io::Error::from_raw_os_error(2)),
    })
}

/// The place of the nth reply, or of what `marks` finds.
fn place(marks: &str, nth: usize, length: usize) -> Place {
    let source = Source::new("mocks/s.toml", WHOLE.into()).unwrap();
    let (at, _) = WHOLE.match_indices(marks).nth(nth).unwrap();
    source.place(&(at..at + length))
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pair = |(one, other): &(&str, &str)| ((*one).to_owned(), (*other).to_owned());
    pairs.iter().map(pair).collect()
}

fn reply(nth: usize, answer: Answer) -> Reply {
    Reply {
        answer,
        times: None,
        headers: Vec::new(),
        pace: Pace::default(),
        fault: None,
        place: place("[[rule.reply]]", nth, 14),
    }
}

fn speech(text: &str, finish: Finish) -> Answer {
    Answer::Said(Speech {
        text: text.into(),
        template: None,
        calls: Vec::new(),
        finish,
    })
}

fn faulty(nth: usize, fault: Fault) -> Reply {
    Reply {
        fault: Some(fault),
        ..reply(nth, speech("", Finish::Stop))
    }
}

fn all_conditions() -> Rule {
    let stands = Stands::Within {
        place: place("{{ model }}\"", 0, 12),
        verbatim: true,
    };
    let template = Answer::Said(Speech {
        text: "{{ model }}".into(),
        template: Some(Template::compile("{{ model }}".into(), stands).unwrap()),
        calls: Vec::new(),
        finish: Finish::Length,
    });
    let tool = |name: &str, arguments: &str| ToolCall {
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    };
    let calls = Answer::Said(Speech {
        text: "".into(),
        template: None,
        calls: vec![
            tool(
                "look",
                r#"{"deep":{"at":[1,2.5,"1979-05-27"],"on":true},"who":"I"}"#,
            ),
            tool("stop", "{}"),
        ],
        finish: Finish::Stop,
    });
    Rule {
        description: "all conditions".to_owned(),
        when: When {
            step: Some("1.2".to_owned()),
            contains: vec!["tea".to_owned(), "cup".to_owned()],
            matches: Some(Regex::new("te+a").unwrap()),
            model: Some("gpt-*".to_owned()),
            dialect: Some(Dialect::Responses),
            headers: pairs(&[("accept", "*"), ("x-team", "blue*")]),
            call: Some((2, 5)),
            request: None,
        },
        replies: vec![
            Reply {
                times: Some(3),
                headers: pairs(&[("x-a", "1"), ("x-b", "2")]),
                pace: Pace {
                    first: Duration::from_millis(300),
                    tokens_per_second: Some(50.0),
                    chunk: 4,
                    flush: true,
                },
                ..reply(0, speech("one\n", Finish::ContentFilter))
            },
            Reply {
                fault: Some(Fault {
                    times: Some(2),
                    delay: Duration::from_secs(2),
                    cut: Some(Cut {
                        after: Point::Chunk(usize::MAX),
                        how: CutHow::Ended,
                    }),
                    ..Fault::default()
                }),
                ..reply(1, speech("no more", Finish::Refusal))
            },
            reply(2, template),
            reply(3, calls),
        ],
        place: place("[rule.when]", 0, 11),
    }
}

fn errors() -> Rule {
    let slow = Refusal {
        status: 429,
        message: "slow".to_owned(),
        kind: Some("t".to_owned()),
        code: Some("c".to_owned()),
        retry_after: Some(RetryAfter::Seconds(Duration::from_millis(1500))),
        body: None,
    };
    let page = Refusal {
        status: 503,
        message: "<html>".to_owned(),
        kind: None,
        code: None,
        retry_after: Some(RetryAfter::Date(Duration::from_secs(2))),
        body: Some("<html>".to_owned()),
    };
    let fault = Fault {
        delay: Duration::from_secs(60),
        drip: Some(Drip {
            bytes: 2,
            every: Duration::from_millis(10),
        }),
        ..Fault::default()
    };
    Rule {
        description: "errors".to_owned(),
        when: When {
            contains: vec!["x".to_owned()],
            dialect: Some(Dialect::Messages),
            call: Some((2, 2)),
            ..When::default()
        },
        replies: vec![
            Reply {
                fault: Some(fault),
                ..reply(4, Answer::Refused(slow))
            },
            reply(5, Answer::Refused(page)),
        ],
        place: place("{ contains = \"x\"", 0, 51),
    }
}

fn faults() -> Rule {
    let lost = Fault {
        chance: Some(0.5),
        hang_up: true,
        ..Fault::default()
    };
    let refused = Fault {
        refuse: Some(Duration::from_secs(1)),
        ..Fault::default()
    };
    let many = Fault {
        content_type: Some("text/html".to_owned()),
        stall: Some(Stall {
            after: Point::Chunk(3),
            lasting: Some(Duration::from_secs(5)),
        }),
        cut: Some(Cut {
            after: Point::Byte(100),
            how: CutHow::Closed,
        }),
        malformed: Some(Malformed {
            chunk: 2,
            what: MalformedWhat::Event,
        }),
        split_characters: true,
        error_event: Some(ErrorEvent {
            after: 1,
            status: 529,
            message: "busy".to_owned(),
        }),
        endless: true,
        pings: Some(Pings::Misplaced),
        ..Fault::default()
    };
    let others = Fault {
        stall: Some(Stall {
            after: Point::Byte(0),
            lasting: None,
        }),
        cut: Some(Cut {
            after: Point::Chunk(1),
            how: CutHow::Reset,
        }),
        malformed: Some(Malformed {
            chunk: 0,
            what: MalformedWhat::Json,
        }),
        pings: Some(Pings::Doubled),
        ..Fault::default()
    };
    Rule {
        description: "faults".to_owned(),
        when: When::default(),
        replies: vec![
            faulty(6, lost),
            faulty(7, refused),
            faulty(8, many),
            faulty(9, others),
        ],
        place: place("{}\n", 0, 2),
    }
}

fn recorded() -> Rule {
    let recording = Recording {
        status: 200,
        headers: pairs(&[("b", "2"), ("a", "1"), ("b", "3")]),
        pieces: vec![
            (Duration::from_micros(12_500), Bytes::from_static(b"\xffb")),
            (Duration::ZERO, Bytes::new()),
            (Duration::from_millis(1), Bytes::from_static(b"cde")),
        ],
    };
    let digest = "00112233445566778899aabbccddeeff".repeat(2);
    let conditions = format!("{{ request = \"{digest}\" }}");
    Rule {
        description: "recorded".to_owned(),
        when: When {
            request: Some(digest),
            ..When::default()
        },
        replies: vec![Reply {
            times: Some(1),
            ..reply(10, Answer::Recorded(recording))
        }],
        place: place(&conditions, 0, conditions.len()),
    }
}

#[test]
fn everything_that_can_be_said_is_read() {
    let expected = Scenario {
        description: "everything".to_owned(),
        seed: 42,
        models: vec!["a".to_owned(), "b".to_owned()],
        batch: crate::mock::Batching::default(),
        rules: vec![all_conditions(), errors(), faults(), recorded()],
    };
    assert_eq!(load(WHOLE), Ok(expected));
}

#[test]
fn times_are_written_as_people_write_them() {
    let cases = [
        ("300ms", Duration::from_millis(300)),
        ("2s", Duration::from_secs(2)),
        ("1.5s", Duration::from_millis(1500)),
        ("1m 30s", Duration::from_secs(90)),
        ("50us", Duration::from_micros(50)),
        ("0s", Duration::ZERO),
    ];
    for (text, expected) in cases {
        let scenario = format!(
            "description = \"x\"\nrule = [{{ description = \"r\", reply = [{{ text = \"\", pace = {{ first = \"{text}\" }} }}] }}]"
        );
        let pace = load(&scenario).unwrap().rules[0].replies[0].pace;
        let expected = Pace {
            first: expected,
            ..Pace::default()
        };
        assert_eq!(pace, expected, "{text}");
    }
}
