use http::{HeaderMap, HeaderValue};

use super::{Chosen, dice};
use crate::llm::Finish;
use crate::mock::{Answer, Ask, Dialect, Fault, Part, Scenario, Speech};
use crate::words::{Exit, Failure, Place};

const GOOD: &str = r#"description = "two rules"
[[rule]]
description = "tea"
when = { step = "1.2", contains = "tea" }
reply = [{ text = "one" }, { text = "two" }]
[[rule]]
description = "late"
when = { step = "2.10" }
reply = [{ text = "late" }]
"#;

fn load(text: &str) -> Scenario {
    Scenario::load("s.toml", &|_| Ok(text.into())).unwrap()
}

fn parts<'a>(texts: &[&'a str]) -> Vec<Part<'a>> {
    let part = |text: &&'a str| Part {
        role: "user".into(),
        text: (*text).into(),
        keep: false,
    };
    texts.iter().map(part).collect()
}

fn ask<'a>(step: &'a str, parts: &'a [Part<'a>]) -> Ask<'a> {
    Ask {
        step: Some(step),
        model: Some("mock"),
        parts,
        dialect: None,
        headers: None,
    }
}

/// What is said to a call, its number and its turn.
fn said(scenario: &Scenario, ask: &Ask<'_>, call: u32) -> Result<(String, u32, u32), Failure> {
    let chosen = scenario.choose(ask, &mut |_| call)?;
    match &chosen.reply.answer {
        Answer::Said(Speech {
            text,
            finish: Finish::Stop,
            ..
        }) => Ok((text.to_string(), chosen.call, chosen.turn)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_call_chooses_and_the_last_reply_repeats() {
    let scenario = load(GOOD);
    let parts = parts(&["", "some tea"]);
    let said = [1, 2, 4].map(|call| said(&scenario, &ask("1.2", &parts), call).unwrap());
    let expected = [("one", 1, 1), ("two", 2, 1), ("two", 4, 3)];
    assert_eq!(
        said,
        expected.map(|(text, call, turn)| (text.to_owned(), call, turn))
    );
}

#[test]
fn a_spent_rule_leaves_the_call_to_the_next() {
    let scenario = load(
        r#"description = "x"
rule = [
    { description = "third", when = { call = 3 }, reply = [{ text = "third" }] },
    { description = "five", when = { call = { from = 4, to = 5 } }, reply = [{ text = "a" }, { text = "b" }] },
    { description = "two", reply = [{ times = 2, text = "two" }] },
    { description = "rest", when = { call = { from = 5 } }, reply = [{ text = "rest" }] },
]"#,
    );
    let answers: Vec<_> = (1..=6)
        .map(|call| {
            let mut asked = Vec::new();
            let parts = parts(&[]);
            let chosen = scenario
                .choose(&ask("1.1", &parts), &mut |index| {
                    asked.push(index);
                    call
                })
                .map(|chosen| (chosen.index, chosen.turn));
            (chosen.ok(), asked)
        })
        .collect();
    let expected = [
        (Some((2, 1)), vec![0, 1, 2]),
        (Some((2, 2)), vec![0, 1, 2]),
        (Some((0, 1)), vec![0]),
        (Some((1, 1)), vec![0, 1]),
        (Some((1, 1)), vec![0, 1]),
        (Some((3, 2)), vec![0, 1, 2, 3]),
    ];
    assert_eq!(answers, expected);
}

#[test]
fn every_condition_is_met_or_not() {
    let parts = parts(&["You brew.", "some green tea, 3 cups"]);
    let mut headers = HeaderMap::new();
    headers.append("x-team", HeaderValue::from_static("red"));
    headers.append("x-team", HeaderValue::from_static("blue-1"));
    let ask = Ask {
        step: Some("1.2"),
        model: Some("gpt-4o-mini"),
        parts: &parts,
        dialect: Some(Dialect::Messages),
        headers: Some(&headers),
    };
    let cases = [
        (r#"step = "1.2""#, ""),
        (r#"step = "1""#, "step `1`"),
        (r#"contains = "tea, 3""#, ""),
        (r#"contains = ["brew", "tea"]"#, ""),
        (r#"contains = ["brew", "milk"]"#, "a prompt that contains `milk`"),
        // Each text by itself: no condition is met by the end of one and the beginning of the next.
        (r#"contains = "brew.some""#, "a prompt that contains `brew.some`"),
        (r#"matches = '(?i)TEA, \d'"#, ""),
        (r#"matches = '^some'"#, ""),
        (r#"matches = '\d cup$'"#, r"a prompt that matches `\d cup$`"),
        (r#"model = "gpt-*-mini""#, ""),
        (r#"model = "gpt-4o""#, "model `gpt-4o`"),
        (r#"dialect = "anthropic""#, ""),
        (r#"dialect = "openai-responses""#, "dialect `openai-responses`"),
        (r#"header = { X-Team = "blue*" }"#, ""),
        (
            r#"header = { X-Team = "red", x-none = "*" }"#,
            "header `x-none: *`",
        ),
        (r#"call = 7"#, ""),
    ];
    for (when, unmet) in cases {
        let text = format!(
            "description = \"x\"\nrule = [{{ description = \"r\", when = {{ {when} }}, reply = [{{ text = \"\" }}] }}]"
        );
        let scenario = load(&text);
        let condition = &scenario.rules[0].when;
        assert_eq!(condition.unmet(&ask).join(", "), unmet, "{when}");
        assert_eq!(condition.holds(&ask), unmet.is_empty(), "{when}");
        let nothing = Ask {
            step: None,
            model: None,
            parts: &[],
            dialect: None,
            headers: None,
        };
        assert_eq!(condition.holds(&nothing), when == "call = 7", "{when}");
    }
}

fn unmatched(step: &str, place: (usize, usize, usize, &str), found: &str) -> Failure {
    let (line, column, length, excerpt) = place;
    let message = format!("no rule of the scenario answers step `{step}`");
    Failure::new(Exit::Configuration, "mock-unmatched", message)
        .help("add a rule whose `when` fits, or one without `when` as the last")
        .at(Place {
            path: "s.toml".to_owned(),
            line,
            column,
            length,
            excerpt: excerpt.to_owned(),
        })
        .found(found)
}

#[test]
fn an_unmatched_step_names_the_nearest_rule() {
    let scenario = load(GOOD);
    let late = (8, 8, 17, r#"when = { step = "2.10" }"#);
    let found = "the nearest rule, \"late\", wants step `2.10`";
    assert_eq!(
        said(&scenario, &ask("2.1", &parts(&["tea"])), 1),
        Err(unmatched("2.1", late, found))
    );
    let tea = (4, 8, 34, r#"when = { step = "1.2", contains = "tea" }"#);
    let found = "the nearest rule, \"tea\", wants a prompt that contains `tea`";
    assert_eq!(
        said(&scenario, &ask("1.2", &parts(&["coffee"])), 1),
        Err(unmatched("1.2", tea, found))
    );
}

#[test]
fn of_rules_that_are_equally_near_the_first_is_named() {
    let scenario = load(
        r#"description = "a tie"
rule = [
    { description = "one", when = { header = { x = "1" } }, reply = [{ text = "" }] },
    { description = "two", when = { contains = "tea" }, reply = [{ text = "" }] },
]"#,
    );
    let failure = said(&scenario, &ask("1.1", &[]), 1).unwrap_err();
    let found = "the nearest rule, \"one\", wants header `x: 1`";
    assert_eq!(failure.diagnostics[0].found.as_deref(), Some(found));
}

#[test]
fn a_rule_that_has_no_reply_left_says_so() {
    let scenario = load(
        r#"description = "x"
rule = [{ description = "once", reply = [{ times = 1, text = "" }] }]"#,
    );
    let line = r#"rule = [{ description = "once", reply = [{ times = 1, text = "" }] }]"#;
    let found = "the rule \"once\" fits, but has no reply to call 2";
    assert_eq!(
        said(&scenario, &ask("1.1", &[]), 2),
        Err(unmatched("1.1", (2, 9, 60, line), found))
    );
}

#[test]
fn a_scenario_without_rules_answers_nobody() {
    let nobody = Ask {
        step: None,
        ..ask("", &[])
    };
    let message = "no rule of the scenario answers this request";
    assert_eq!(
        said(&Scenario::default(), &nobody, 1),
        Err(Failure::new(Exit::Configuration, "mock-unmatched", message)
            .help("add a rule whose `when` fits, or one without `when` as the last"))
    );
}

#[test]
fn joined_scenarios_answer_in_their_order() {
    let one = r#"description = "one"
models = ["a", "b"]
rule = [{ description = "1.1", when = { step = "1.1" }, reply = [{ text = "one" }] }]"#;
    let two = r#"description = "two"
seed = 7
models = ["b", "c"]
rule = [{ description = "rest", reply = [{ text = "two" }] }]"#;
    let (one, two) = (load(one), load(two));
    let expected = Scenario {
        description: "one; two".to_owned(),
        seed: 7,
        models: ["a", "b", "c"].map(str::to_owned).into(),
        batch: crate::mock::Batching::default(),
        rules: vec![one.rules[0].clone(), two.rules[0].clone()],
    };
    assert_eq!(Scenario::join(vec![one, two]), expected);
    assert_eq!(Scenario::join(Vec::new()), Scenario::default());
}

#[test]
fn a_fault_happens_so_often_and_by_chance() {
    let scenario = load(
        r#"description = "x"
rule = [
    { description = "none", when = { step = "1" }, reply = [{ text = "" }] },
    { description = "twice", when = { step = "2" }, reply = [{ text = "" }, { text = "", fault = { hang_up = true, times = 2 } }] },
    { description = "always", when = { step = "3" }, reply = [{ text = "", fault = { hang_up = true } }] },
    { description = "never", when = { step = "4" }, reply = [{ text = "", fault = { hang_up = true, chance = 0 } }] },
    { description = "sure", when = { step = "5" }, reply = [{ text = "", fault = { hang_up = true, chance = 1.0 } }] },
]"#,
    );
    let happens = |step: &str| {
        [1, 2, 3, 4].map(|call| {
            let chosen = scenario.choose(&ask(step, &[]), &mut |_| call).unwrap();
            chosen.fault(9).is_some()
        })
    };
    assert_eq!(happens("1"), [false; 4]);
    assert_eq!(happens("2"), [false, true, true, false]);
    assert_eq!(happens("3"), [true; 4]);
    assert_eq!(happens("4"), [false; 4]);
    assert_eq!(happens("5"), [true; 4]);
}

#[test]
fn chance_goes_by_seed_rule_and_call() {
    let mut rule = load(GOOD).rules[0].clone();
    rule.replies[0].fault = Some(Fault {
        hang_up: true,
        chance: Some(0.25),
        ..Fault::default()
    });
    let happens = |seed: u64, index: usize| -> Vec<bool> {
        let happens = |call| {
            let chosen = Chosen {
                index,
                rule: &rule,
                reply: &rule.replies[0],
                call,
                turn: call,
            };
            chosen.fault(seed).is_some()
        };
        (1..=4000).map(happens).collect()
    };
    let first = happens(0, 0);
    assert_eq!(first, happens(0, 0), "the same every time");
    for other in [happens(1, 0), happens(0, 1)] {
        let often = other.iter().filter(|happens| **happens).count();
        assert!((850..1150).contains(&often), "{often} of 4000");
        let both = first
            .iter()
            .zip(&other)
            .filter(|(one, other)| **one && **other)
            .count();
        assert!((180..320).contains(&both), "{both} of 4000 in both");
    }
    assert!((0..1000).all(|call| (0.0..1.0).contains(&dice(3, 4, call))));
}
