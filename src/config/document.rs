//! Reads TOML with the place of every value, and gathers everything that is wrong with it.
//!
//! A configuration may hold a key that somebody put there by mistake. So what stands right of a `=` is shown only where
//! the setting is known to be no secret; elsewhere each of its characters is shown as a dot.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::origin::{Origin, Traced};
use crate::words::{Diagnostic, Exit, Failure, Place, Source, Span, printable_line};

/// Settings whose value is shown even where the file is not TOML.
const PLAIN: [&str; 19] = [
    "body_limit",
    "connect_timeout",
    "context_tokens",
    "default",
    "files",
    "header_timeout",
    "idle_timeout",
    "insecure_http",
    "key_header",
    "kind",
    "max_tokens",
    "model",
    "num_ctx",
    "price",
    "retries",
    "retry_wait",
    "scenario",
    "templates",
    "timeout",
];

/// One file that is read, and what was found wrong with it so far.
pub(super) struct Document<'s> {
    source: &'s Source,
    problems: RefCell<Vec<(usize, Diagnostic)>>,
}

/// One table of a document. What is asked for is known; what is left at the [end](Section::finish) is not.
pub(super) struct Section<'d, 's> {
    document: &'d Document<'s>,
    /// Its name in words, such as "`[endpoint.local]`", for messages.
    pub(super) name: String,
    /// Where it begins.
    pub(super) span: Span,
    entries: BTreeMap<String, (Span, Spanned<DeValue<'s>>)>,
    known: Vec<&'static str>,
    missing: Vec<&'static str>,
}

impl<'s> Document<'s> {
    /// A document of which nothing has been read.
    pub(super) fn new(source: &'s Source) -> Self {
        Self {
            source,
            problems: RefCell::default(),
        }
    }

    /// The outermost table. Fails with exit code 6 and the place when the text is not TOML.
    pub(super) fn root<'d>(&'d self) -> Result<Section<'d, 's>, Failure> {
        match DeTable::parse(self.source.text()) {
            Ok(table) => Ok(self.section("the file".to_owned(), 0..0, table.into_inner())),
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let line = self.source.line_span(self.source.line(span.start));
                let (key, value) = self.source.slice(&line).split_once('=').unwrap_or_default();
                let plain = PLAIN.contains(&key.trim()) && !value.contains('{');
                let shown = if plain { line } else { 0..0 };
                let message = format!("not TOML: {}", printable_line(&error.message().to_lowercase()));
                Err(self.failure(vec![
                    Diagnostic::error("toml-syntax", message).at(self.place(&span, &shown)),
                ]))
            }
        }
    }

    fn section<'d>(&'d self, name: String, span: Span, table: DeTable<'s>) -> Section<'d, 's> {
        let entry = |(key, value): (Spanned<_>, _)| {
            let span = key.span();
            let key: std::borrow::Cow<'_, str> = key.into_inner();
            (key.into_owned(), (span, value))
        };
        Section {
            document: self,
            name,
            span,
            entries: table.into_iter().map(entry).collect(),
            known: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// Fails with everything that was found wrong, in the order of the file.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let mut problems = self.problems.take();
        problems.sort_by_key(|(offset, _)| *offset);
        let diagnostics: Vec<_> = problems.into_iter().map(|(_, diagnostic)| diagnostic).collect();
        if diagnostics.is_empty() {
            return Ok(());
        }
        Err(self.failure(diagnostics))
    }

    fn failure(&self, diagnostics: Vec<Diagnostic>) -> Failure {
        Failure {
            exit: Exit::Configuration,
            diagnostics,
        }
    }

    /// Notes what is wrong with the value at `span`, whose setting is known and no secret.
    pub(super) fn problem(&self, span: &Span, diagnostic: Diagnostic) {
        let whole = self.source.place(span);
        // In an inline table, other settings stand on the same line.
        let place = if whole.excerpt.contains('{') {
            self.place(span, span)
        } else {
            whole
        };
        self.note(span, diagnostic.at(place));
    }

    /// Like [`problem`](Self::problem), for a value that must not be shown; `key` may be.
    pub(super) fn secret_problem(&self, span: &Span, key: &Span, diagnostic: Diagnostic) {
        self.note(span, diagnostic.at(self.place(span, key)));
    }

    fn note(&self, span: &Span, diagnostic: Diagnostic) {
        self.problems.borrow_mut().push((span.start, diagnostic));
    }

    /// Where a value came from.
    pub(super) fn origin(&self, span: &Span) -> Origin {
        Origin::File {
            path: self.source.path().to_owned(),
            line: self.source.line(span.start),
        }
    }

    /// A place whose line shows no value, only the key at `shown`.
    fn place(&self, span: &Span, shown: &Span) -> Place {
        let mut place = self.source.place(span);
        let line = self.source.line_span(place.line);
        let is_header = place.excerpt.trim_start().starts_with('[') && !place.excerpt.contains('=');
        if !is_header {
            let left = place
                .excerpt
                .find('=')
                .map_or(line.start, |at| line.start + at + 1);
            let hide = |(at, c): (usize, char)| {
                let at = line.start + at;
                if at < left || shown.contains(&at) || c.is_whitespace() {
                    c
                } else {
                    '·'
                }
            };
            place.excerpt = place.excerpt.char_indices().map(hide).collect();
        }
        place
    }
}

impl<'d, 's> Section<'d, 's> {
    /// The document that it belongs to.
    pub(super) fn document(&self) -> &'d Document<'s> {
        self.document
    }

    /// The value of a setting with its span, if it is there.
    pub(super) fn take(&mut self, key: &'static str) -> Option<(Span, DeValue<'s>)> {
        self.known.push(key);
        let Some((_, value)) = self.entries.remove(key) else {
            self.missing.push(key);
            return None;
        };
        Some((value.span(), value.into_inner()))
    }

    /// Whether a setting is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Passes `value` on, and notes that `key` is missing if it was asked for and is not there at all.
    pub(super) fn required<T>(&self, key: &str, value: Option<T>) -> Option<T> {
        if value.is_none() && self.missing.contains(&key) {
            let message = format!("{} has no `{key}`", self.name);
            self.document
                .problem(&self.span, Diagnostic::error("missing-key", message));
        }
        value
    }

    /// The value of a setting that `read` understands; what it does not is noted as of the wrong type.
    fn typed<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        read: impl FnOnce(&DeValue<'s>) -> Option<T>,
    ) -> Option<Traced<T>> {
        let (span, value) = self.take(key)?;
        let Some(typed) = read(&value) else {
            let message = format!("`{key}` in {} must be {wanted}", self.name);
            let diagnostic = Diagnostic::error("wrong-type", message).found(kind(&value));
            self.document.problem(&span, diagnostic);
            return None;
        };
        Some(Traced::new(typed, self.document.origin(&span)))
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Traced<String>> {
        let read = |value: &DeValue<'_>| {
            value
                .as_str()
                .filter(|text| !text.trim().is_empty())
                .map(str::to_owned)
        };
        self.typed(key, "a text that is not empty", read)
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<Traced<bool>> {
        self.typed(key, "`true` or `false`", DeValue::as_bool)
    }

    /// A whole number from `least` to `most`.
    pub(super) fn whole(&mut self, key: &'static str, least: u64, most: u64) -> Option<Traced<u64>> {
        let wanted = format!("a whole number from {least} to {most}");
        self.typed(key, &wanted, |value| {
            let number = value.as_integer()?;
            u64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .filter(|number| (least..=most).contains(number))
        })
    }

    /// A number of at least 0.
    pub(super) fn number(&mut self, key: &'static str) -> Option<Traced<f64>> {
        self.typed(key, "a number of at least 0", |value| {
            number(value).filter(|number| number.is_finite() && *number >= 0.0)
        })
    }

    /// A time above 0 and up to a day: a number of seconds, or a text such as `"10m"`.
    pub(super) fn time(&mut self, key: &'static str) -> Option<Traced<Duration>> {
        self.typed(
            key,
            "a time from above 0 to a day: seconds, or a text such as `\"10m\"`",
            |value| {
                let time = match value.as_str() {
                    Some(text) => text.parse::<jiff::SignedDuration>().ok()?.try_into().ok()?,
                    None => Duration::try_from_secs_f64(number(value)?).ok()?,
                };
                (!time.is_zero() && time <= Duration::from_secs(86_400)).then_some(time)
            },
        )
    }

    /// One of several words, as what it stands for.
    pub(super) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<Traced<T>> {
        let wanted = format!("one of {}", list(words.iter().map(|(word, _)| *word)));
        self.typed(key, &wanted, |value| {
            let said = value.as_str()?;
            words
                .iter()
                .find(|(word, _)| *word == said)
                .map(|(_, meaning)| *meaning)
        })
    }

    /// A list of texts, each with its span.
    pub(super) fn texts(&mut self, key: &'static str) -> Vec<(Span, Traced<String>)> {
        let Some((span, value)) = self.take(key) else {
            return Vec::new();
        };
        let texts = value.as_array().map(|list| {
            let text = |item: &Spanned<DeValue<'_>>| {
                let origin = self.document.origin(&item.span());
                Some((
                    item.span(),
                    Traced::new(item.get_ref().as_str()?.to_owned(), origin),
                ))
            };
            list.iter().map(text).collect::<Option<Vec<_>>>()
        });
        texts.flatten().unwrap_or_else(|| {
            let message = format!("`{key}` in {} must be a list of texts", self.name);
            let diagnostic = Diagnostic::error("wrong-type", message).found(kind(&value));
            self.document.problem(&span, diagnostic);
            Vec::new()
        })
    }

    /// A table inside of this one. `name` is how messages call it.
    pub(super) fn section(&mut self, key: &'static str, name: &str) -> Option<Section<'d, 's>> {
        self.known.push(key);
        self.inner(key, name)
    }

    /// The names of what has not been asked for yet.
    pub(super) fn rest(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    /// The key and value of an entry whose name the user chose.
    pub(super) fn entry(&mut self, key: &str) -> Option<(Span, Spanned<DeValue<'s>>)> {
        self.entries.remove(key)
    }

    /// A table whose name the user chose.
    pub(super) fn inner(&mut self, key: &str, name: &str) -> Option<Section<'d, 's>> {
        let (key_span, value) = self.entries.remove(key)?;
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => Some(self.document.section(name.to_owned(), key_span, table)),
            other => {
                let diagnostic =
                    Diagnostic::error("wrong-type", format!("{name} must be a table")).found(kind(&other));
                self.document.secret_problem(&span, &key_span, diagnostic);
                None
            }
        }
    }

    /// Notes every entry that nobody asked for. `refuse` may have a better word for one than "unknown".
    pub(super) fn finish(self, refuse: impl Fn(&str) -> Option<Diagnostic>) {
        for (key, (span, _)) in &self.entries {
            let diagnostic = refuse(key).unwrap_or_else(|| self.unknown(key));
            self.document.secret_problem(span, span, diagnostic);
        }
    }

    fn unknown(&self, key: &str) -> Diagnostic {
        let message = format!("unknown key `{}` in {}", printable_line(key), self.name);
        let diagnostic = Diagnostic::error("unknown-key", message);
        let known = format!("known here: {}", list(self.known.iter().copied()));
        match nearest(key, self.known.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).help(known),
            None => diagnostic.help(known),
        }
    }
}

/// The one of `known` that `word` was most likely meant to be.
pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| *distance <= 1.max(name.chars().count() / 3))
        .min()
        .map(|(_, name)| name)
}

/// Names in backticks with commas between them.
pub(super) fn list<'k>(names: impl Iterator<Item = &'k str>) -> String {
    let quoted: Vec<_> = names.map(|name| format!("`{}`", printable_line(name))).collect();
    quoted.join(", ")
}

fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Float(number) => number.as_str().parse().ok(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
        _ => None,
    }
}

/// What a value is, in words; its content is not told.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(text) if text.trim().is_empty() => "an empty text",
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
