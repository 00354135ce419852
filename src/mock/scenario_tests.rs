use std::io;

use crate::assets;
use crate::llm::Finish;
use crate::mock::{Answer, Ask, Scenario};
use crate::words::{Exit, Failure, Place};

fn load(text: &str) -> Result<Scenario, Failure> {
    Scenario::load("mocks/s.toml", &|path| match path {
        "mocks/s.toml" => Ok(text.into()),
        "mocks/replies/one.md" => Ok("one\n".into()),
        _ => Err(io::Error::from_raw_os_error(2)),
    })
}

fn ask<'a>(step: &'a str, attempt: u32, texts: &'a [&'a str]) -> Ask<'a> {
    Ask {
        step: Some(step),
        model: Some("mock"),
        texts,
        attempt,
    }
}

fn text(text: &str) -> Answer {
    Answer::Text {
        text: text.to_owned(),
        finish: Finish::Stop,
        cut: false,
    }
}

fn refused(message: &str, place: (usize, usize, usize, &str)) -> Failure {
    let (line, column, length, excerpt) = place;
    Failure::new(Exit::Configuration, "mock-scenario", message).at(Place {
        path: "mocks/s.toml".to_owned(),
        line,
        column,
        length,
        excerpt: excerpt.to_owned(),
    })
}

const GOOD: &str = r#"description = "two rules"
[[rule]]
description = "tea"
when = { step = "1.2", contains = "tea" }
[[rule.reply]]
file = "replies/one.md"
[[rule.reply]]
text = "two"
[[rule]]
description = "late"
when = { step = "2.10" }
[[rule.reply]]
error = { status = 503, message = "busy" }
"#;

#[test]
fn the_attempt_chooses_and_the_last_answer_repeats() {
    let scenario = load(GOOD).unwrap();
    let answers = [1, 2, 3].map(|attempt| scenario.answer(&ask("1.2", attempt, &["", "some tea"])));
    assert_eq!(answers, [Ok(&text("one\n")), Ok(&text("two")), Ok(&text("two"))]);
    let busy = Answer::Error {
        status: 503,
        message: "busy".to_owned(),
    };
    assert_eq!(scenario.answer(&ask("2.10", 1, &[])), Ok(&busy));
}

#[test]
fn the_first_rule_that_fits_answers() {
    let scenario = load(
        r#"description = "order"
rule = [
    { description = "other model", when = { model = "gpt" }, reply = [{ text = "gpt" }] },
    { description = "rest", reply = [{ text = "rest" }] },
    { description = "never", reply = [{ text = "never" }] },
]"#,
    );
    assert_eq!(scenario.unwrap().answer(&ask("1.1", 1, &[])), Ok(&text("rest")));
}

#[test]
fn an_unmatched_step_names_the_nearest_rule() {
    let scenario = load(GOOD).unwrap();
    let failure = |step: &str, line: usize, length: usize, excerpt: &str, found: &str| {
        let message = format!("no rule of the scenario answers step `{step}`");
        Failure::new(Exit::Configuration, "mock-unmatched", message)
            .help("add a rule whose `when` fits, or one without `when` as the last")
            .at(Place {
                path: "mocks/s.toml".to_owned(),
                line,
                column: 8,
                length,
                excerpt: excerpt.to_owned(),
            })
            .found(found)
    };
    let late = r#"when = { step = "2.10" }"#;
    let found = "the nearest rule, \"late\", wants step `2.10`";
    assert_eq!(
        scenario.answer(&ask("2.1", 1, &["tea"])),
        Err(failure("2.1", 11, 17, late, found))
    );
    let tea = r#"when = { step = "1.2", contains = "tea" }"#;
    let found = "the nearest rule, \"tea\", wants a prompt that contains `tea`";
    assert_eq!(
        scenario.answer(&ask("1.2", 1, &["coffee"])),
        Err(failure("1.2", 4, 34, tea, found))
    );
}

#[test]
fn of_rules_that_are_equally_near_the_first_is_named() {
    let scenario = load(
        r#"description = "a tie"
rule = [
    { description = "one", when = { model = "gpt" }, reply = [{ text = "" }] },
    { description = "two", when = { contains = "tea" }, reply = [{ text = "" }] },
]"#,
    );
    let failure = scenario.unwrap().answer(&ask("1.1", 1, &[])).unwrap_err();
    let found = "the nearest rule, \"one\", wants model `gpt`";
    assert_eq!(failure.diagnostics[0].found.as_deref(), Some(found));
}

#[test]
fn an_unknown_field_is_refused_where_it_stands() {
    let scenario = GOOD.replace("contains", "containz");
    let message = "unknown field `containz`, expected one of `step`, `contains`, `model`";
    let excerpt = r#"when = { step = "1.2", containz = "tea" }"#;
    assert_eq!(load(&scenario), Err(refused(message, (4, 24, 8, excerpt))));
}

#[test]
fn a_missing_file_is_refused_where_it_is_named() {
    let scenario = GOOD.replace("one.md", "three.md");
    let message = "cannot read the reply `mocks/replies/three.md`: no such file or directory";
    let expected = refused(message, (6, 8, 18, r#"file = "replies/three.md""#));
    assert_eq!(
        load(&scenario),
        Err(expected.help("the path starts at the scenario's folder"))
    );
}

#[test]
fn a_file_elsewhere_is_never_read() {
    for name in ["/etc/passwd", "a/../../b"] {
        let scenario = GOOD.replace("replies/one.md", name);
        let message = format!("`{name}` does not stand beside the scenario");
        let place = (6, 8, name.len() + 2, &*format!("file = \"{name}\""));
        let expected = refused(&message, place).help("give a path from the scenario's folder, without `..`");
        assert_eq!(load(&scenario), Err(expected));
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let whole = |rule: &str| format!("description = \"x\"\n{rule}\n");
    let one_of = "a reply has exactly one of `file`, `text` and `error`";
    let stands_alone = "a reply with `error` has no end, so `finish` and `cut` mean nothing";
    let status = "the status of an error is a number from 400 to 599";
    let cases = [
        ("rule = []", "a scenario without a rule answers nobody", 8, 2),
        (
            r#"rule = [{ description = "r", reply = [] }]"#,
            "a rule without a reply answers nothing",
            38,
            2,
        ),
        (
            r#"rule = [{ description = "r", reply = [{ cut = true }] }]"#,
            one_of,
            39,
            14,
        ),
        (
            r#"rule = [{ description = "r", reply = [{ text = "", file = "" }] }]"#,
            one_of,
            39,
            24,
        ),
        (
            r#"rule = [{ description = "r", reply = [{ error = { status = 500, message = "" }, cut = true }] }]"#,
            stands_alone,
            39,
            54,
        ),
        (
            r#"rule = [{ description = "r", reply = [{ error = { status = 200, message = "" } }] }]"#,
            status,
            60,
            3,
        ),
        (
            r#"rule = [{ description = "r", reply = [{ text = "", finish = "stopped" }] }]"#,
            "unknown variant `stopped`, expected one of `stop`, `length`, `content-filter`, `refusal`",
            61,
            9,
        ),
    ];
    for (rule, message, column, length) in cases {
        assert_eq!(
            load(&whole(rule)),
            Err(refused(message, (2, column, length, rule)))
        );
    }
}

#[test]
fn an_unreadable_scenario_is_a_matter_of_configuration() {
    let read = |path: &str| assets::mock(path);
    let message = "cannot read the scenario `demo.tml`: no such file";
    assert_eq!(
        Scenario::load("demo.tml", &read),
        Err(Failure::new(Exit::Configuration, "mock-scenario", message))
    );
    let bytes = |_: &str| Ok(vec![b'a', 0xff]);
    assert_eq!(
        Scenario::load("s.toml", &bytes).map_err(|failure| failure.to_string()),
        Err("s.toml:1:2: the file is not UTF-8 text".to_owned())
    );
}
