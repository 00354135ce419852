//! What a scenario cannot say, each with its place and what to do.

use std::io;

use crate::assets;
use crate::mock::Scenario;
use crate::words::{Diagnostic, Exit, Failure, Place};

fn load(text: &str) -> Result<Scenario, Failure> {
    Scenario::load("mocks/s.toml", &|path| match path {
        "mocks/s.toml" => Ok(text.into()),
        "mocks/one.md" => Ok("one\n".into()),
        "mocks/binary.md" => Ok(b"a\xff".into()),
        _ => Err(io::Error::from_raw_os_error(2)),
    })
}

/// Refuses `text`, in which what is marked stands between `«` and `»`: with a message, and with what to do.
#[track_caller]
pub(super) fn refuses(marked: &str, message: &str, help: &[&str]) {
    let text = marked.replace(['«', '»'], "");
    let (before, rest) = marked.split_once('«').unwrap();
    let length = rest.split_once('»').unwrap().0.chars().count();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    let mut expected = Diagnostic::error("mock-scenario", message).at(Place {
        path: "mocks/s.toml".to_owned(),
        line,
        column,
        length,
        excerpt: text.lines().nth(line - 1).unwrap().to_owned(),
    });
    expected.help = help.iter().map(|help| (*help).to_owned()).collect();
    let expected = Failure {
        exit: Exit::Configuration,
        diagnostics: vec![expected],
    };
    assert_eq!(load(&text), Err(expected), "{marked}");
}

fn rule(fields: &str) -> String {
    format!("description = \"x\"\nrule = [{{ description = \"r\", {fields} }}]\n")
}

fn when(fields: &str) -> String {
    rule(&format!("when = {{ {fields} }}, reply = [{{ text = \"\" }}]"))
}

pub(super) fn reply(fields: &str) -> String {
    format!("description = \"x\"\n[[rule]]\ndescription = \"r\"\nreply = [{{ {fields} }}]\n")
}

pub(super) fn fault(fields: &str) -> String {
    reply(&format!("text = \"\", fault = {{ {fields} }}"))
}

pub(super) const TAKE: &str = "take one of the two away";
const TIME: &str = "write a time such as `\"300ms\"`, `\"2s\"` or `\"1m\"`";

#[test]
fn a_name_that_is_unknown_and_the_one_that_was_meant() {
    refuses(
        &when("«containz» = \"tea\""),
        "unknown field `containz`",
        &[
            "did you mean `contains`?",
            "known here: `step`, `contains`, `matches`, `model`, `dialect`, `header`, `call`, `request`",
        ],
    );
    refuses(
        "description = \"x\"\n«rules» = []\n",
        "unknown field `rules`",
        &[
            "did you mean `rule`?",
            "known here: `description`, `seed`, `models`, `batch`, `rule`",
        ],
    );
    refuses(
        &reply("text = \"\", finish = «\"stopped\"»"),
        "unknown variant `stopped`",
        &[
            "did you mean `stop`?",
            "known here: `stop`, `length`, `content-filter`, `refusal`",
        ],
    );
    refuses(
        &when("dialect = «\"gemini\"»"),
        "unknown variant `gemini`",
        &["known here: `openai`, `openai-responses`, `anthropic`, `ollama`"],
    );
    refuses(
        &when("call = { from = 1, «till» = 2 }"),
        "unknown field `till`",
        &["known here: `from`, `to`"],
    );
    refuses(
        &reply("error = { status = 429, message = \"\", retry_after = { «day» = \"2s\" } }"),
        "unknown field `day`",
        &["known here: `date`"],
    );
    for (table, known) in [
        ("stall", "`after_chunks`, `after_bytes`, `for`"),
        ("cut", "`after_chunks`, `after_bytes`, `how`"),
        ("malformed", "`chunk`, `what`"),
        ("error_event", "`after_chunks`, `status`, `message`"),
        ("drip", "`bytes`, `every`"),
    ] {
        refuses(
            &fault(&format!("{table} = {{ «zzzzzz» = 1 }}")),
            "unknown field `zzzzzz`",
            &[&format!("known here: {known}")],
        );
    }
}

#[test]
fn what_is_missing_or_of_the_wrong_kind() {
    refuses("«»rule = []\n", "missing field `description`", &[]);
    refuses(
        &rule("reply = «[]»"),
        "a rule without a reply answers nothing",
        &["add a `[[rule.reply]]`"],
    );
    refuses(
        "description = \"x\"\nrule = «[]»\n",
        "a scenario without a rule answers nobody",
        &["add a `[[rule]]`"],
    );
    refuses(
        &when("contains = «3»"),
        "invalid type: integer `3`, expected a text or a list of texts",
        &[],
    );
    refuses(
        &when("contains = «[\"a\", \"\"]»"),
        "an empty text says nothing here",
        &[],
    );
    refuses(&when("step = «\"\"»"), "an empty text says nothing here", &[]);
    refuses(
        &when("call = «0»"),
        "there are no such calls",
        &["the first call is 1, and `to` is not before `from`"],
    );
    refuses(
        &when("call = «{ from = 3, to = 2 }»"),
        "there are no such calls",
        &["the first call is 1, and `to` is not before `from`"],
    );
    refuses(
        &when("matches = «'a(b'»"),
        "this is no pattern: unclosed group",
        &["write a literal `\\` before what is meant as it stands, or use `contains`"],
    );
    refuses(
        &when("request = «\"ABC\"»"),
        "this is no digest of a request",
        &["it has 64 digits in lower case, and `stepgate mock record` writes it"],
    );
    refuses(
        &when("header = { «\"x y\"» = \"1\" }"),
        "`x y` cannot be the name of a header",
        &[],
    );
    refuses(
        &reply("text = \"\", headers = { x = «\"a\\nb\"» }"),
        "a header cannot have this value",
        &[],
    );
    refuses(&fault("delay = «\"soon\"»"), "`soon` is no time", &[TIME]);
    refuses(&fault("delay = «\"-2s\"»"), "`-2s` is no time", &[TIME]);
    refuses(
        &fault("delay = «2»"),
        "invalid type: integer `2`, expected a time such as `\"300ms\"`, `\"2s\"` or `\"1m\"`",
        &[],
    );
}

#[test]
fn numbers_out_of_their_bounds() {
    let status = "the status of an error is a number from 400 to 599";
    refuses(&reply("error = { status = «200», message = \"\" }"), status, &[]);
    refuses(
        &fault("error_event = { status = «600», message = \"\" }"),
        status,
        &[],
    );
    refuses(
        &reply("text = \"\", times = «0»"),
        "0 times is never",
        &["take it away, or give a number from 1"],
    );
    refuses(
        &fault("hang_up = true, times = «0»"),
        "0 times is never",
        &["take it away, or give a number from 1"],
    );
    for chance in ["-0.1", "1.1", "nan", "2"] {
        refuses(
            &fault(&format!("hang_up = true, chance = «{chance}»")),
            "a chance is a number from 0 to 1",
            &[],
        );
    }
    for rate in ["0", "-1.5", "inf"] {
        refuses(
            &reply(&format!("text = \"\", pace = {{ tokens_per_second = «{rate}» }}")),
            "a reply at this pace never ends",
            &["give a number above 0, or leave it away for as fast as can be"],
        );
    }
    refuses(
        &reply("text = \"\", pace = { chunk = «0» }"),
        "nothing at a time never ends",
        &["give a number from 1"],
    );
    refuses(
        &fault("drip = { bytes = «0», every = \"1s\" }"),
        "nothing at a time never ends",
        &["give a number from 1"],
    );
}

#[test]
fn what_an_error_or_a_recording_cannot_be() {
    refuses(
        &reply("error = «{ status = 500 }»"),
        "an error has a `message`, or a `body` of its own",
        &["say what the server says: `message = \"slow down\"`"],
    );
    refuses(
        &reply("error = { status = 500, body = \"\", code = «\"c\"» }"),
        "`code` means nothing beside `body`",
        &[TAKE],
    );
    refuses(
        &reply("recorded = { status = «99», file = \"one.md\", pieces = [] }"),
        "the status of a response is a number from 200 to 599",
        &[],
    );
    refuses(
        &reply("recorded = { status = 200, file = \"one.md\", pieces = «[[0, 3]]» }"),
        "the pieces have 3 bytes, but `mocks/one.md` has 4",
        &["record it again: neither is ever changed by hand"],
    );
    for time in ["-1", "nan"] {
        refuses(
            &reply(&format!(
                "recorded = {{ status = 200, file = \"one.md\", pieces = [[«{time}», 4]] }}"
            )),
            "this is no time in milliseconds",
            &[],
        );
    }
}

#[test]
fn files_that_are_not_there_or_not_beside_the_scenario() {
    refuses(
        &reply("file = «\"three.md\"»"),
        "cannot read the reply `mocks/three.md`: no such file or directory",
        &["the path starts at the scenario's folder"],
    );
    for name in ["/etc/passwd", "a/../../b", "a\\\\..\\\\b", "\\\\b"] {
        let message = format!(
            "`{}` does not stand beside the scenario",
            name.replace("\\\\", "\\")
        );
        let help = "give a path from the scenario's folder, without `..`";
        refuses(&reply(&format!("file = «\"{name}\"»")), &message, &[help]);
        let recorded = format!("recorded = {{ status = 200, file = «\"{name}\"», pieces = [] }}");
        refuses(&reply(&recorded), &message, &[help]);
    }
    assert_eq!(
        load(&reply("file = \"binary.md\"")).map_err(|failure| failure.to_string()),
        Err("mocks/binary.md:1:2: the file is not UTF-8 text".to_owned())
    );
}

#[test]
fn a_rule_that_is_never_reached() {
    let never = |before: &str, after: &str, lines: [&str; 2]| {
        let text = format!(
            "description = \"x\"\n[[rule]]\ndescription = \"one\"\n{before}\n[[rule]]\ndescription = \"two\"\n{after}\n"
        );
        let place = |line: usize, column: usize, length: usize| Place {
            path: "mocks/s.toml".to_owned(),
            line,
            column,
            length,
            excerpt: text.lines().nth(line - 1).unwrap().to_owned(),
        };
        let [first, second] = lines.map(|marked| {
            let line = text.lines().position(|line| line == marked).unwrap() + 1;
            match marked.strip_prefix("when = ") {
                Some(conditions) => place(line, 8, conditions.len()),
                None => place(line, 1, marked.len()),
            }
        });
        // Two headers of rules read the same: the second is the one before the second description.
        let second = if lines[1] == "[[rule]]" {
            let at = text
                .lines()
                .position(|line| line == "description = \"two\"")
                .unwrap();
            place(at, 1, 8)
        } else {
            second
        };
        let diagnostic = Diagnostic::error("mock-scenario", "the rule \"two\" is never reached")
            .at(second)
            .related(first, "this one answers all that it would")
            .help("put it before that one, or say with `times` how often that one's last reply is given");
        let expected = Failure {
            exit: Exit::Configuration,
            diagnostics: vec![diagnostic],
        };
        assert_eq!(load(&text), Err(expected), "{text}");
    };
    let endless = "reply = [{ times = 2, text = \"\" }, { text = \"\" }]";
    never(endless, "reply = [{ text = \"\" }]", ["[[rule]]", "[[rule]]"]);
    let tea = "when = { contains = \"tea\" }\nreply = [{ text = \"\" }]";
    never(endless, tea, ["[[rule]]", "when = { contains = \"tea\" }"]);
    let third = "when = { call = 3, contains = \"tea\" }\nreply = [{ text = \"\" }]";
    never(
        tea,
        third,
        [
            "when = { contains = \"tea\" }",
            "when = { call = 3, contains = \"tea\" }",
        ],
    );
    let whole = |before: &str, after: &str| {
        load(&format!(
            "description = \"x\"\n[[rule]]\ndescription = \"one\"\n{before}\n[[rule]]\ndescription = \"two\"\n{after}\n"
        ))
    };
    let spent = "reply = [{ times = 2, text = \"\" }]";
    for (before, after) in [(spent, endless), (third, tea), (tea, endless)] {
        assert_eq!(whole(before, after).map(|scenario| scenario.rules.len()), Ok(2));
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
