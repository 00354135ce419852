use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde::Serialize;

use crate::assets;
use crate::words::{Exit, Failure, Place, Source};

/// A bound on the work and the memory of a rendering, for templates that come with a repository: in the engine's units,
/// about 64 bytes each.
const FUEL: u64 = 5_000_000;

/// The templates that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// The model's role; the same for every step of every plan.
    System,
    /// The documents and the plan's overview; the same for every step of a plan.
    Context,
    /// One step, and its AI prompt line at the end.
    Step,
    /// What an earlier attempt came to; part of [`Template::Step`].
    Retry,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::System, Self::Context, Self::Step, Self::Retry];

    /// The name of its file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::System => "system.md",
            Self::Context => "context.md",
            Self::Step => "step.md",
            Self::Retry => "retry.md",
        }
    }
}

/// A repository's own text for a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The file as it is shown in messages.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// The words for the model, ready to be filled in.
///
/// Strict: a variable that is not there is an error and never an empty place in a prompt.
pub struct Templates {
    environment: Environment<'static>,
    paths: BTreeMap<&'static str, String>,
}

impl Templates {
    /// The templates that the program carries, with those in `overrides` (by file name, such as `step.md`) in their
    /// place. Fails with exit code 6 at a name that is none, and at a template that cannot be read as one.
    pub fn new(mut overrides: BTreeMap<String, Override>) -> Result<Self, Failure> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut syntax = SyntaxConfig::builder();
        syntax
            .keep_trailing_newline(true)
            .trim_blocks(true)
            .lstrip_blocks(true);
        environment.set_syntax(syntax.build().map_err(|error| broken(&error))?);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        // Keeps the source of every template beside it, so that an error can name its place.
        environment.set_debug(true);
        environment.set_fuel(Some(FUEL));
        environment.add_filter("ended", ended);
        environment.add_filter("fenced", fenced);
        let mut templates = Self {
            environment,
            paths: BTreeMap::new(),
        };
        for template in Template::ALL {
            let name = template.file_name();
            let own = overrides.remove(name).unwrap_or_else(|| Override {
                path: format!("prompts/{name}"),
                text: assets::prompt(name).unwrap_or_default().to_owned(),
            });
            templates.paths.insert(name, own.path);
            let added = templates.environment.add_template_owned(name, own.text.clone());
            added.map_err(|error| templates.failure(name, &own.text, &error))?;
        }
        match overrides.into_iter().next() {
            None => Ok(templates),
            Some((name, own)) => {
                let text = format!("`{}` overrides no template: none is called `{name}`", own.path);
                let known = Template::ALL.map(|template| format!("`{}`", template.file_name()));
                let help = format!("templates are called {}", known.join(", "));
                Err(Failure::new(Exit::Configuration, "template", text).help(help))
            }
        }
    }

    /// Fills in a template. Fails with exit code 6, at the template's line, when it asks for what there is not.
    pub fn render(&self, template: Template, values: impl Serialize) -> Result<String, Failure> {
        let name = template.file_name();
        self.environment
            .get_template(name)
            .and_then(|found| found.render(Serde(values)))
            .map_err(|error| {
                // The innermost error is the one in the file that was included.
                let mut inner = &error;
                while let Some(cause) = std::error::Error::source(inner) {
                    match cause.downcast_ref() {
                        Some(cause) => inner = cause,
                        None => break,
                    }
                }
                self.failure(name, inner.template_source().unwrap_or_default(), inner)
            })
    }

    fn failure(&self, name: &str, text: &str, error: &minijinja::Error) -> Failure {
        let name = error.name().unwrap_or(name);
        let path = self.paths.get(name).map_or(name, String::as_str);
        let span = error.range().filter(|span| text.get(span.clone()).is_some());
        let marked = span.as_ref().and_then(|span| text.get(span.clone()));
        let message = match (error.kind(), marked) {
            (ErrorKind::UndefinedError, Some(marked)) => format!("there is no `{marked}` here"),
            (ErrorKind::OutOfFuel, _) => "the template does more work than any prompt needs".to_owned(),
            (kind, _) => match error.detail() {
                Some(detail) => format!("{kind}: {detail}"),
                None => kind.to_string(),
            },
        };
        let failure = Failure::new(Exit::Configuration, "template", message);
        match Source::new(path, text.into()) {
            Ok(source) => failure.at(place(&source, span, error.line())),
            Err(_) => failure,
        }
    }
}

fn broken(error: &minijinja::Error) -> Failure {
    Failure::new(Exit::Configuration, "template", error.to_string())
}

/// Where an error is: its span, or else the line that it names.
fn place(source: &Source, span: Option<std::ops::Range<usize>>, line: Option<usize>) -> Place {
    let last = source.line(source.text().len());
    let span = span.unwrap_or_else(|| source.line_span(line.unwrap_or(1).clamp(1, last)));
    source.place(&span)
}

/// Text without the line end that it ends in: what follows it in a template begins on a line of its own either way.
fn ended(text: &str) -> String {
    text.strip_suffix('\n').unwrap_or(text).to_owned()
}

/// Text in a fence that is longer than every run of backticks in it, so that nothing in the text can close it.
fn fenced(text: &str, language: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{}\n{fence}", ended(text))
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
