use http::{HeaderMap, HeaderValue};

use super::{Scene, Stands, Template};
use crate::mock::{Answer, Ask, Dialect, Part, Scenario};
use crate::words::{Exit, Failure, Place};

const HELP: &str = "a reply's template knows `model`, `step`, `prompt`, `system`, `call`, `turn`, `dialect`, `number`, \
                    `headers`, `messages`";

fn part<'a>(role: &'static str, text: &'a str) -> Part<'a> {
    Part {
        role: role.into(),
        text: text.into(),
        keep: false,
    }
}

fn render(text: &str) -> Result<String, Failure> {
    let parts = [
        part("system", "Be kind."),
        part("user", "hi"),
        part("assistant", "hello"),
        part("developer", "Be brief."),
        part("user", "<do> & \"it\"\n"),
        part("tool", "21"),
    ];
    let mut headers = HeaderMap::new();
    headers.append("x-team", HeaderValue::from_static("red"));
    headers.append("x-team", HeaderValue::from_static("blue"));
    headers.append("authorization", HeaderValue::from_static("Bearer secret"));
    let ask = Ask {
        step: Some("1.2"),
        model: Some("gpt"),
        parts: &parts,
        dialect: Some(Dialect::Ollama),
        headers: Some(&headers),
    };
    let scene = Scene {
        ask: &ask,
        call: 3,
        turn: 2,
        number: 17,
    };
    Template::compile(text.into(), Stands::File("r.md".to_owned()))?.render(&scene)
}

#[test]
fn a_template_sees_the_request() {
    let cases = [
        ("no place in it\n", "no place in it\n"),
        ("{{ model }} {{ step }} {{ dialect }}", "gpt 1.2 ollama"),
        ("{{ call }} {{ turn }} {{ number }} {{ call + turn }}", "3 2 17 5"),
        ("{{ prompt }}", "<do> & \"it\"\n"),
        ("{{ prompt | ended }}.", "<do> & \"it\"."),
        ("{{ prompt | fenced('sh') }}", "```sh\n<do> & \"it\"\n```"),
        ("{{ system }}", "Be kind.\nBe brief."),
        ("{{ headers['x-team'] }}", "red, blue"),
        ("{{ headers['x-none'] | default('none') }}", "none"),
        ("{{ 'authorization' in headers }}", "False"),
        (
            "{{ messages | length }} {{ messages[2].role }} {{ messages[-1].text }}",
            "6 assistant 21",
        ),
        ("{% if 'kind' in system %}Gladly{% endif %}", "Gladly"),
    ];
    for (text, expected) in cases {
        assert_eq!(render(text), Ok(expected.to_owned()), "{text}");
    }
}

#[test]
fn what_a_request_does_not_have_is_none() {
    let ask = Ask {
        step: None,
        model: None,
        parts: &[],
        dialect: None,
        headers: None,
    };
    let scene = Scene {
        ask: &ask,
        call: 1,
        turn: 1,
        number: 1,
    };
    let text = "{{ step is none }} {{ model is none }} {{ dialect is none }} [{{ prompt }}{{ system }}] {{ headers }} \
                {{ messages }}";
    let template = Template::compile(text.into(), Stands::File("r.md".to_owned())).unwrap();
    assert_eq!(template.render(&scene), Ok("True True True [] {} []".to_owned()));
}

fn failure(message: &str, place: (&str, usize, usize, usize, &str)) -> Failure {
    let (path, line, column, length, excerpt) = place;
    Failure::new(Exit::Configuration, "template", message).at(Place {
        path: path.to_owned(),
        line,
        column,
        length,
        excerpt: excerpt.to_owned(),
    })
}

#[test]
fn what_a_template_cannot_have_is_an_error_with_its_place() {
    let place = ("r.md", 2, 7, 5, "Do {{ promt }} now");
    assert_eq!(
        render("first\nDo {{ promt }} now\n"),
        Err(failure("there is no `promt` here", place).help(HELP))
    );
    let place = ("r.md", 1, 7, 2, "{% if %}");
    assert_eq!(
        render("{% if %}"),
        Err(failure("syntax error: unexpected end of block", place))
    );
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
    let work = render(endless).unwrap_err().to_string();
    assert_eq!(
        work,
        "r.md:1:1: the template does more work than any prompt needs"
    );
}

fn said(scenario: &str) -> Result<String, Failure> {
    let scenario = Scenario::load("s.toml", &|path| match path {
        "s.toml" => Ok(scenario.into()),
        _ => Ok("one\n{{ two }}\n".into()),
    })?;
    let ask = Ask {
        step: None,
        model: None,
        parts: &[],
        dialect: None,
        headers: None,
    };
    let chosen = scenario.choose(&ask, &mut |_| 1)?;
    let Answer::Said(speech) = &chosen.reply.answer else {
        panic!("{chosen:?}");
    };
    let scene = Scene {
        ask: &ask,
        call: chosen.call,
        turn: chosen.turn,
        number: 1,
    };
    speech.said(&scene).map(|text| text.to_string())
}

fn of(reply: &str) -> String {
    format!("description = \"x\"\n[[rule]]\ndescription = \"r\"\n[[rule.reply]]\ntemplate = true\n{reply}")
}

#[test]
fn an_error_within_the_scenario_is_shown_there() {
    let no_two = "there is no `two` here";
    let found = "line 2 of its text: {{ two }}";
    let cases = [
        (
            "text = 'a {{ two }}'\n",
            failure(no_two, ("s.toml", 6, 14, 3, "text = 'a {{ two }}'")),
        ),
        (
            "text = '''\none\nä {{ two }}\n'''\n",
            failure(no_two, ("s.toml", 8, 6, 3, "ä {{ two }}")),
        ),
        (
            "text = \"one\\n{{ two }}\"\n",
            failure(no_two, ("s.toml", 6, 8, 16, "text = \"one\\n{{ two }}\"")).found(found),
        ),
        ("file = 'r.md'\n", failure(no_two, ("r.md", 2, 4, 3, "{{ two }}"))),
    ];
    for (reply, expected) in cases {
        assert_eq!(said(&of(reply)), Err(expected.help(HELP)), "{reply}");
    }
}

#[test]
fn a_text_that_is_no_template_is_refused_when_it_is_read() {
    let text = of("text = 'a {{ two'\n");
    let load = Scenario::load("s.toml", &|_| Ok(text.clone().into()));
    assert_eq!(
        load.map_err(|failure| failure.to_string()),
        Err("s.toml:6:14: syntax error: unexpected end of input, expected end of variable block".to_owned())
    );
    let plain = of("text = 'a {{ two'\n").replace("template = true\n", "");
    assert_eq!(said(&plain), Ok("a {{ two".to_owned()));
}
