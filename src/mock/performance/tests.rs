use std::sync::Arc;
use std::time::Duration;

use super::{Act, Performance};
use crate::llm::Finish;
use crate::mock::wire::{Saying, Spent};
use crate::mock::{
    Cut, CutHow, Dialect, Drip, ErrorEvent, Fault, Malformed, MalformedWhat, Pace, Pings, Point, Recording,
    Stall,
};

/// Ollama's dialect: the shortest, so that what is expected can be read.
fn saying(text: &str) -> Saying {
    Saying {
        dialect: Dialect::Ollama,
        number: 1,
        created: 0,
        model: "m".to_owned(),
        text: Arc::from(text),
        calls: Vec::new(),
        finish: Finish::Stop,
        spent: Spent::default(),
        usage: true,
    }
}

/// The acts in short: the texts of a write, and a word for everything else.
fn acts(performance: Performance) -> Vec<String> {
    let short = |act: Act| match act {
        Act::Write(bytes) => {
            let bytes = String::from_utf8_lossy(&bytes).into_owned();
            let lines = bytes
                .lines()
                .map(|line| match serde_json::from_str::<serde_json::Value>(line) {
                    Ok(json) if json["done"] == true => "<end>".to_owned(),
                    Ok(json) if json["error"].is_string() => format!("<error {}>", json["error"]),
                    Ok(json) => json["message"]["content"].as_str().unwrap_or("?").to_owned(),
                    Err(_) => "<broken>".to_owned(),
                });
            lines.collect::<Vec<_>>().join("|")
        }
        Act::Wait(time) => format!("{time:?}"),
        Act::Hang => "hang".to_owned(),
        Act::End(how) => format!("{how:?}"),
    };
    performance.map(short).collect()
}

fn streamed(text: &str, pace: Pace, fault: &Fault) -> Vec<String> {
    acts(Performance::stream(&saying(text), &pace, Some(fault)))
}

const FLUSHED: Pace = Pace {
    first: Duration::ZERO,
    tokens_per_second: None,
    chunk: 1,
    flush: true,
};

#[test]
fn without_a_pace_everything_is_one_write() {
    let performance = Performance::stream(&saying("one two three"), &Pace::default(), None);
    assert_eq!(acts(performance), ["one |two |thre|e|<end>"]);
}

#[test]
fn a_pace_says_when_each_chunk_is_written() {
    let pace = Pace {
        first: Duration::from_millis(300),
        tokens_per_second: Some(20.0),
        chunk: 2,
        flush: false,
    };
    let performance = Performance::stream(&saying("one two three four"), &pace, None);
    assert_eq!(
        acts(performance),
        ["300ms", "one two ", "100ms", "three fo", "100ms", "ur", "<end>"]
    );
    assert_eq!(
        streamed("12345678", FLUSHED, &Fault::default()),
        ["1234", "5678", "<end>"]
    );
}

#[test]
fn a_chunk_ends_with_a_character() {
    let expected = ["äöü", "ß€", "<end>"];
    let pace = Pace { chunk: 1, ..FLUSHED };
    let said = streamed("äöüß€", pace, &Fault::default());
    assert_eq!(said.concat(), expected.concat());
}

#[test]
fn faults_happen_after_the_chunks_that_they_count() {
    let stall = |chunk, lasting| Fault {
        stall: Some(Stall {
            after: Point::Chunk(chunk),
            lasting,
        }),
        ..Fault::default()
    };
    let cut = |chunk, how| Fault {
        cut: Some(Cut {
            after: Point::Chunk(chunk),
            how,
        }),
        ..Fault::default()
    };
    let malformed = |chunk, what| Fault {
        malformed: Some(Malformed { chunk, what }),
        ..Fault::default()
    };
    let error = |after| Fault {
        error_event: Some(ErrorEvent {
            after,
            status: 500,
            message: "no".to_owned(),
        }),
        ..Fault::default()
    };
    let pings = |pings| Fault {
        pings: Some(pings),
        ..Fault::default()
    };
    let cases: Vec<(Fault, &[&str])> = vec![
        (
            stall(1, Some(Duration::from_secs(2))),
            &["1234", "2s", "5678", "<end>"],
        ),
        (stall(0, None), &["hang", "1234", "5678", "<end>"]),
        (stall(9, None), &["1234", "5678", "hang", "<end>"]),
        (cut(1, CutHow::Closed), &["1234", "Closed"]),
        (cut(0, CutHow::Reset), &["Reset"]),
        (cut(usize::MAX, CutHow::Ended), &["1234", "5678", "Ended"]),
        (malformed(1, MalformedWhat::Json), &["1234", "<broken>", "<end>"]),
        (error(1), &["1234", "<error \"no\">"]),
        // Lines of JSON have no pings.
        (pings(Pings::Doubled), &["1234", "5678", "<end>"]),
        (pings(Pings::Misplaced), &["1234", "5678", "<end>"]),
    ];
    for (fault, expected) in cases {
        assert_eq!(streamed("12345678", FLUSHED, &fault), expected, "{fault:?}");
    }
}

#[test]
fn an_endless_reply_takes_no_room() {
    let fault = Fault {
        endless: true,
        ..Fault::default()
    };
    let performance = Performance::stream(&saying("12345678"), &FLUSHED, Some(&fault));
    let said = acts_of(performance.take(1_000_000));
    assert_eq!(said, 1_000_000);
}

fn acts_of(acts: impl Iterator<Item = Act>) -> usize {
    acts.filter(|act| matches!(act, Act::Write(_))).count()
}

fn bytes(performance: Performance) -> Vec<Act> {
    performance.collect()
}

fn write(text: &[u8]) -> Act {
    Act::Write(text.to_vec().into())
}

#[test]
fn bytes_are_counted_whatever_they_say() {
    let whole = |fault: Fault| bytes(Performance::whole(b"0123456789".to_vec(), Some(&fault)));
    let cut = |after, how| Fault {
        cut: Some(Cut { after, how }),
        ..Fault::default()
    };
    let cases: Vec<(Fault, Vec<Act>)> = vec![
        (
            cut(Point::Byte(3), CutHow::Closed),
            vec![write(b"012"), Act::End(CutHow::Closed)],
        ),
        (cut(Point::Byte(0), CutHow::Reset), vec![Act::End(CutHow::Reset)]),
        (
            cut(Point::Chunk(1), CutHow::Ended),
            vec![write(b"01234"), Act::End(CutHow::Ended)],
        ),
        (
            Fault {
                stall: Some(Stall {
                    after: Point::Byte(99),
                    lasting: Some(Duration::from_secs(1)),
                }),
                ..cut(Point::Byte(99), CutHow::Closed)
            },
            vec![
                write(b"0123456789"),
                Act::Wait(Duration::from_secs(1)),
                Act::End(CutHow::Closed),
            ],
        ),
        (
            cut(Point::Byte(99), CutHow::Closed),
            vec![write(b"0123456789"), Act::End(CutHow::Closed)],
        ),
        (
            Fault {
                stall: Some(Stall {
                    after: Point::Byte(4),
                    lasting: Some(Duration::from_secs(1)),
                }),
                ..Fault::default()
            },
            vec![
                write(b"0123"),
                Act::Wait(Duration::from_secs(1)),
                write(b"456789"),
            ],
        ),
        (
            Fault {
                drip: Some(Drip {
                    bytes: 4,
                    every: Duration::from_millis(5),
                }),
                ..Fault::default()
            },
            vec![
                write(b"0123"),
                Act::Wait(Duration::from_millis(5)),
                write(b"4567"),
                Act::Wait(Duration::from_millis(5)),
                write(b"89"),
            ],
        ),
        (
            Fault {
                malformed: Some(Malformed {
                    chunk: 0,
                    what: MalformedWhat::Event,
                }),
                ..Fault::default()
            },
            vec![write(b"<!-- 0123456789")],
        ),
    ];
    for (fault, expected) in cases {
        assert_eq!(whole(fault.clone()), expected, "{fault:?}");
    }
}

#[test]
fn writes_end_inside_of_characters() {
    let fault = Fault {
        split_characters: true,
        ..Fault::default()
    };
    let acts = bytes(Performance::whole("aäb€".as_bytes().to_vec(), Some(&fault)));
    assert_eq!(acts, [write(b"a\xC3"), write(b"\xA4b\xE2"), write(b"\x82\xAC")]);
}

#[test]
fn a_recording_is_played_piece_by_piece() {
    let recording = Recording {
        status: 200,
        headers: Vec::new(),
        pieces: vec![
            (Duration::from_millis(20), "one".into()),
            (Duration::ZERO, "two".into()),
        ],
    };
    let acts = bytes(Performance::recorded(&recording));
    assert_eq!(
        acts,
        [Act::Wait(Duration::from_millis(20)), write(b"one"), write(b"two")]
    );
}

#[test]
fn an_ordinary_body_is_a_single_write() {
    let single = |fault: Option<&Fault>| Performance::whole(b"{}".to_vec(), fault).take_single();
    assert_eq!(single(None).as_deref(), Some(&b"{}"[..]));
    let endless = Fault {
        endless: true,
        ..Fault::default()
    };
    assert_eq!(single(Some(&endless)), None);
}
