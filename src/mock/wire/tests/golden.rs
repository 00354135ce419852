//! What every dialect says, whole: the files beside this one are what official clients were shown to take. Look at what
//! `STEPGATE_BLESS=1` makes of them before it is kept.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::speech::{NOW, refusal, saying};
use crate::llm::Finish;
use crate::mock::wire::{
    Header, Saying, Spent, Stream, anthropic_model, anthropic_models, content_type, count_tokens, headers,
    ollama_show, ollama_tags, ollama_version, openai_model, openai_models, refused, stream_type, whole,
};
use crate::mock::{Dialect, MalformedWhat, Refusal, RetryAfter};

/// Sections of a golden file.
#[derive(Default)]
struct Page(String);

impl Page {
    fn add(&mut self, title: &str, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).unwrap();
        write!(self.0, "## {title}\n{text}\n").unwrap();
    }

    fn headers(&mut self, title: &str, headers: &[Header]) {
        let lines: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        self.add(title, lines.join("\n").as_bytes());
    }

    fn check(&self, name: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src/mock/wire/tests")
            .join(name);
        if std::env::var_os("STEPGATE_BLESS").is_some() {
            std::fs::write(&path, &self.0).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = similar::TextDiff::from_lines(&expected, &self.0)
            .unified_diff()
            .to_string();
        assert!(
            differs.is_empty(),
            "{name}: `STEPGATE_BLESS=1` takes what came\n{differs}"
        );
    }
}

fn cases(dialect: Dialect) -> Vec<(&'static str, Saying)> {
    let unasked = Saying {
        usage: false,
        ..saying(dialect, Finish::Stop, "Hé \"x\"\n", 0)
    };
    vec![
        ("text", saying(dialect, Finish::Stop, "Hé \"x\"\n", 0)),
        ("text, tokens not asked for", unasked),
        ("text and calls", saying(dialect, Finish::Stop, "Hé", 2)),
        ("calls", saying(dialect, Finish::Stop, "", 2)),
        ("nothing", saying(dialect, Finish::Stop, "", 0)),
        ("length", saying(dialect, Finish::Length, "Hé", 0)),
        ("filter", saying(dialect, Finish::ContentFilter, "Hé", 0)),
        ("refusal", saying(dialect, Finish::Refusal, "No.", 0)),
        (
            "another reason",
            saying(dialect, Finish::Other("tired".to_owned()), "Hé", 0),
        ),
    ]
}

fn streamed(saying: &Saying) -> Vec<u8> {
    let mut stream = Stream::new(saying);
    let mut out = Vec::new();
    stream.begin(&mut out);
    for piece in saying.text.split_inclusive(' ') {
        stream.chunk(piece, &mut out);
    }
    stream.end(&mut out);
    out
}

/// A stream with everything in it that a client does not expect.
fn troubled(dialect: Dialect) -> Vec<u8> {
    let mut stream = Stream::new(&saying(dialect, Finish::Stop, "a b", 0));
    let mut out = Vec::new();
    stream.ping(&mut out);
    stream.begin(&mut out);
    stream.malformed("a \"", MalformedWhat::Json, &mut out);
    stream.ping(&mut out);
    stream.malformed("b {", MalformedWhat::Event, &mut out);
    stream.chunk("c", &mut out);
    stream.error(&refusal(529, "too\nmuch"), &mut out);
    let body = Some("{\"of\":\n\"mine\"}".to_owned());
    stream.error(
        &Refusal {
            body,
            ..refusal(529, "too much")
        },
        &mut out,
    );
    out
}

#[test]
fn every_dialect_says_what_its_provider_says() {
    for dialect in Dialect::ALL {
        let mut page = Page::default();
        page.add("types", content_type(dialect).as_bytes());
        page.add("type of a stream", stream_type(dialect).as_bytes());
        page.headers("headers", &headers(dialect, 7, NOW));
        for (title, saying) in cases(dialect) {
            page.add(&format!("whole: {title}"), &whole(&saying));
            page.add(&format!("stream: {title}"), &streamed(&saying));
        }
        page.add("trouble", &troubled(dialect));
        page.check(&format!("{}.txt", dialect.word()));
    }
}

#[test]
fn every_dialect_refuses_as_its_provider_does() {
    let seconds = |millis| Some(RetryAfter::Seconds(Duration::from_millis(millis)));
    let date = |millis| Some(RetryAfter::Date(Duration::from_millis(millis)));
    let mut page = Page::default();
    for dialect in Dialect::ALL {
        let mut add = |title: &str, refusal: &Refusal| {
            let refused = refused(dialect, 7, refusal, NOW);
            let title = format!("{}: {} {title}", dialect.word(), refusal.status);
            page.headers(title.trim_end(), &refused.headers);
            page.0.push_str(std::str::from_utf8(&refused.body).unwrap());
            page.0.push('\n');
        };
        for status in [
            400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529,
        ] {
            add("", &refusal(status, "no \"more\""));
        }
        for (title, retry_after) in [
            ("again in half a second", seconds(500)),
            ("again in six minutes", seconds(360_000)),
            ("again in an hour and a bit", seconds(3_661_500)),
            ("again in no time", seconds(0)),
            ("again at a date", date(1500)),
            ("again at the end of time", date(u64::MAX)),
        ] {
            add(
                title,
                &Refusal {
                    retry_after,
                    ..refusal(429, "wait")
                },
            );
        }
        let word = || Some("insufficient_quota".to_owned());
        let plain = refusal(429, "spent");
        add(
            "by its kind",
            &Refusal {
                kind: word(),
                ..plain.clone()
            },
        );
        add(
            "by its code",
            &Refusal {
                code: word(),
                ..plain.clone()
            },
        );
        let body = Some("<html>no</html>".to_owned());
        add("with a body", &Refusal { body, ..plain });
    }
    page.check("refused.txt");
}

#[test]
fn every_provider_lists_its_models_and_counts_tokens() {
    let names = ["a".to_owned(), "b \"2\"".to_owned()];
    let spent = Spent {
        input: 12,
        ..Spent::default()
    };
    let mut page = Page::default();
    page.add("openai", &openai_models(&names, NOW));
    page.add("openai: one", &openai_model("a", NOW));
    page.add("openai: none", &openai_models(&[], NOW));
    page.add("anthropic", &anthropic_models(&names, NOW));
    page.add("anthropic: one", &anthropic_model("a", NOW));
    page.add("anthropic: none", &anthropic_models(&[], NOW));
    page.add("ollama", &ollama_tags(&names, NOW));
    page.add("ollama: one", &ollama_show(NOW));
    page.add("ollama: none", &ollama_tags(&[], NOW));
    page.add("ollama: version", &ollama_version());
    page.add("tokens for anthropic", &count_tokens(Dialect::Messages, spent));
    page.add("tokens for openai", &count_tokens(Dialect::Responses, spent));
    page.check("models.txt");
}
