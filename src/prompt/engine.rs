//! The engine that fills in templates, and its errors with their places. The mock model's replies use it too.

use std::ops::Range;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use crate::words::{Exit, Failure, Place, Source};

/// A bound on the work and the memory of a rendering, for templates that come with a repository: in the engine's units,
/// about 64 bytes each.
const FUEL: u64 = 5_000_000;

/// The engine without a template: strict, without escaping, with the filters `ended` and `fenced`.
pub(crate) fn environment() -> Result<Environment<'static>, Failure> {
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
    environment.add_filter("ended", |text: &str| ended(text).to_owned());
    environment.add_filter("fenced", fenced);
    Ok(environment)
}

/// The error in the file that was included, where it is one.
pub(crate) fn innermost(error: &Error) -> &Error {
    let mut inner = error;
    while let Some(cause) = std::error::Error::source(inner) {
        match cause.downcast_ref() {
            Some(cause) => inner = cause,
            None => break,
        }
    }
    inner
}

/// What is wrong with the template at `path` that reads `text`, with its place. Exit code 6.
pub(crate) fn failure(path: &str, text: &str, error: &Error) -> Failure {
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

fn broken(error: &Error) -> Failure {
    Failure::new(Exit::Configuration, "template", error.to_string())
}

/// Where an error is: its span, or else the line that it names.
fn place(source: &Source, span: Option<Range<usize>>, line: Option<usize>) -> Place {
    let last = source.line(source.text().len());
    let span = span.unwrap_or_else(|| source.line_span(line.unwrap_or(1).clamp(1, last)));
    source.place(&span)
}

/// Text without the line end that it ends in: what follows it in a template begins on a line of its own either way.
pub(super) fn ended(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

/// Text in a fence that is longer than every run of backticks in it, so that nothing in the text can close it.
pub(crate) fn fenced(text: &str, language: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{}\n{fence}", ended(text))
}
