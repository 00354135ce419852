use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use memchr::memmem;
use minijinja::{Environment, Value};

use super::{Ask, is_secret};
use crate::prompt::engine;
use crate::words::{Failure, Place};

/// The only template of its environment.
const NAME: &str = "reply";

/// What a template may ask for.
const VARIABLES: [&str; 10] = [
    "model", "step", "prompt", "system", "call", "turn", "dialect", "number", "headers", "messages",
];

/// A request as a reply's template sees it.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// What is asked.
    pub ask: &'a Ask<'a>,
    /// Number of the call of the rule, from 1.
    pub call: u32,
    /// Number of the call that the reply is given to, from 1.
    pub turn: u32,
    /// Number of the request, from 1.
    pub number: u64,
}

/// Where a template stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stands {
    /// It is a file.
    File(String),
    /// It is a value of the scenario.
    Within {
        /// Where its text begins; the whole value where it is written with escapes.
        place: Place,
        /// Whether its lines stand in the scenario as they are.
        verbatim: bool,
    },
}

/// The text of a reply with places that the request fills in: the syntax of Jinja. Strict: what is not there is an error
/// and never an empty place in a reply.
#[derive(Clone)]
pub struct Template {
    environment: Arc<Environment<'static>>,
    text: Arc<str>,
    stands: Stands,
    /// Which of the variables its text names: the others need not be made.
    named: [bool; VARIABLES.len()],
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template")
            .field("text", &self.text)
            .field("stands", &self.stands)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.stands == other.stands
    }
}

impl Template {
    /// Fails with exit code 6 and the place where the text is no template.
    pub(super) fn compile(text: Arc<str>, stands: Stands) -> Result<Self, Failure> {
        let mut environment = engine::environment()?;
        let added = environment.add_template_owned(NAME, text.to_string());
        added.map_err(|error| failure(&text, &stands, &error))?;
        let named = VARIABLES.map(|name| memmem::find(text.as_bytes(), name.as_bytes()).is_some());
        Ok(Self {
            environment: Arc::new(environment),
            text,
            stands,
            named,
        })
    }

    /// The text for a request. Fails with exit code 6 and the place where it asks for what there is not.
    pub fn render(&self, scene: &Scene<'_>) -> Result<String, Failure> {
        let named = VARIABLES.iter().zip(self.named).filter(|(_, named)| *named);
        let values: BTreeMap<&str, Value> = named.map(|(name, _)| (*name, value(name, scene))).collect();
        let rendered = self
            .environment
            .get_template(NAME)
            .and_then(|found| found.render(values));
        rendered.map_err(|error| failure(&self.text, &self.stands, engine::innermost(&error)))
    }
}

fn value(name: &str, scene: &Scene<'_>) -> Value {
    let ask = scene.ask;
    match name {
        "model" => ask.model.into(),
        "step" => ask.step.into(),
        "prompt" => {
            let last = ask.parts.iter().rfind(|part| part.role == "user");
            last.map_or("", |part| &part.text).into()
        }
        "system" => {
            let told = ask
                .parts
                .iter()
                .filter(|part| matches!(&*part.role, "system" | "developer"));
            told.map(|part| &*part.text).collect::<Vec<_>>().join("\n").into()
        }
        "call" => scene.call.into(),
        "turn" => scene.turn.into(),
        "dialect" => ask.dialect.map(super::Dialect::word).into(),
        "number" => scene.number.into(),
        "headers" => headers(ask),
        _ => ask
            .parts
            .iter()
            .map(|part| {
                let fields = [
                    ("role", Value::from(&*part.role)),
                    ("text", Value::from(&*part.text)),
                ];
                Value::from(BTreeMap::from(fields))
            })
            .collect(),
    }
}

fn headers(ask: &Ask<'_>) -> Value {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in ask.headers.into_iter().flatten() {
        if is_secret(name.as_str()) {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        let said = values.entry(name.as_str().to_owned()).or_default();
        if !said.is_empty() {
            said.push_str(", ");
        }
        said.push_str(&value);
    }
    Value::from(values)
}

fn failure(text: &str, stands: &Stands, error: &minijinja::Error) -> Failure {
    let help = || {
        let names = VARIABLES.map(|name| format!("`{name}`"));
        format!("a reply's template knows {}", names.join(", "))
    };
    let failure = match stands {
        Stands::File(path) => engine::failure(path, text, error),
        Stands::Within { place, verbatim } => {
            let mut failure = engine::failure(&place.path, text, error);
            for diagnostic in &mut failure.diagnostics {
                diagnostic.place = diagnostic.place.take().map(|inner| {
                    if *verbatim {
                        return within(place, inner);
                    }
                    diagnostic.found = Some(format!("line {} of its text: {}", inner.line, inner.excerpt));
                    place.clone()
                });
            }
            failure
        }
    };
    match error.kind() {
        minijinja::ErrorKind::UndefinedError => failure.help(help()),
        _ => failure,
    }
}

/// A place in a text as a place in the scenario whose lines the text's are.
fn within(outer: &Place, inner: Place) -> Place {
    let first = inner.line == 1;
    Place {
        line: outer.line + inner.line - 1,
        column: inner.column + if first { outer.column - 1 } else { 0 },
        excerpt: if first {
            outer.excerpt.clone()
        } else {
            inner.excerpt
        },
        ..inner
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
