use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::fault::status;
use super::file::File;
use super::values::{Again, Content, Name, Word};
use crate::llm::Finish;
use crate::mock::template::Stands;
use crate::mock::{Recording, Refusal, RetryAfter, Speech, Template, ToolCall};
use crate::words::{Failure, Span};

/// What a reply of the model is made from.
pub(super) struct SpeechFields {
    pub(super) text: Option<Spanned<String>>,
    pub(super) file: Option<Spanned<String>>,
    pub(super) calls: Option<Spanned<Vec<CallTable>>>,
    pub(super) template: Option<Span>,
    pub(super) finish: Option<Spanned<FinishWord>>,
}

/// [`Finish`] without the words that only a provider may use.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FinishWord {
    Stop,
    Length,
    ContentFilter,
    Refusal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallTable {
    name: Word,
    #[serde(default)]
    arguments: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorTable {
    status: Spanned<u16>,
    message: Option<String>,
    #[serde(rename = "type")]
    kind: Option<Spanned<String>>,
    code: Option<Spanned<String>>,
    retry_after: Option<Again>,
    body: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordedTable {
    status: Spanned<u16>,
    #[serde(default)]
    headers: Vec<(Name, Content)>,
    file: Spanned<String>,
    pieces: Spanned<Vec<(Spanned<f64>, usize)>>,
}

pub(super) fn speech(file: &File<'_>, fields: SpeechFields) -> Result<Speech, Failure> {
    let calls = fields.calls.map(Spanned::into_inner).unwrap_or_default();
    let (text, stands) = match (fields.file, fields.text) {
        (Some(name), _) => {
            let source = file.text(&name)?;
            let path = source.path().to_owned();
            (Arc::from(source.text()), Stands::File(path))
        }
        (None, Some(text)) => {
            let stands = within(file, &text);
            (Arc::from(text.into_inner()), stands)
        }
        (None, None) => (Arc::default(), Stands::File(String::new())),
    };
    let template = fields.template.is_some();
    let template = template.then(|| Template::compile(Arc::clone(&text), stands));
    Ok(Speech {
        template: template.transpose()?,
        text,
        calls: calls.iter().map(call).collect(),
        finish: match fields.finish.map(Spanned::into_inner) {
            None | Some(FinishWord::Stop) => Finish::Stop,
            Some(FinishWord::Length) => Finish::Length,
            Some(FinishWord::ContentFilter) => Finish::ContentFilter,
            Some(FinishWord::Refusal) => Finish::Refusal,
        },
    })
}

/// Where the text of a value stands: where it begins if it is written without escapes.
fn within(file: &File<'_>, text: &Spanned<String>) -> Stands {
    let span = text.span();
    let written = file.source.slice(&span);
    match written.find(text.get_ref().as_str()) {
        Some(at) => Stands::Within {
            place: file.place(&(span.start + at..span.end)),
            verbatim: true,
        },
        None => Stands::Within {
            place: file.place(&span),
            verbatim: false,
        },
    }
}

fn call(table: &CallTable) -> ToolCall {
    let arguments = table.arguments.iter();
    let arguments = arguments.map(|(name, value)| (name.clone(), json(value)));
    ToolCall {
        name: table.name.0.clone(),
        arguments: Value::Object(arguments.collect()).to_string(),
    }
}

/// A value of TOML as JSON; a date, which JSON does not have, is its text.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(is) => (*is).into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(list) => list.iter().map(json).collect(),
        toml::Value::Table(table) => {
            let fields = table.iter();
            Value::Object(fields.map(|(name, value)| (name.clone(), json(value))).collect())
        }
    }
}

pub(super) fn refusal(file: &File<'_>, table: Spanned<ErrorTable>) -> Result<Refusal, Failure> {
    let span = table.span();
    let table = table.into_inner();
    let status = status(file, &table.status)?;
    if table.body.is_some() {
        let of_dialect = [
            ("type", table.kind.as_ref().map(Spanned::span)),
            ("code", table.code.as_ref().map(Spanned::span)),
        ];
        file.beside("`body`", &of_dialect)?;
    }
    let Some(message) = table.message.or_else(|| table.body.clone()) else {
        return Err(file
            .refuse(span, "an error has a `message`, or a `body` of its own")
            .help("say what the server says: `message = \"slow down\"`"));
    };
    Ok(Refusal {
        status,
        message,
        kind: table.kind.map(Spanned::into_inner),
        code: table.code.map(Spanned::into_inner),
        retry_after: table.retry_after.map(|again| match again {
            Again::Seconds(time) => RetryAfter::Seconds(time),
            Again::Date(time) => RetryAfter::Date(time),
        }),
        body: table.body,
    })
}

pub(super) fn recording(file: &File<'_>, table: &Spanned<RecordedTable>) -> Result<Recording, Failure> {
    let table = table.get_ref();
    if !(200..=599).contains(table.status.get_ref()) {
        return Err(file.refuse(
            table.status.span(),
            "the status of a response is a number from 200 to 599",
        ));
    }
    let (path, bytes) = file.bytes(&table.file)?;
    let mut left = Bytes::from(bytes);
    let length = left.len();
    let named = table.pieces.get_ref().iter();
    let sum = named.fold(0_usize, |sum, (_, bytes)| sum.saturating_add(*bytes));
    if sum != length {
        let text = format!("the pieces have {sum} bytes, but `{path}` has {length}");
        return Err(file
            .refuse(table.pieces.span(), text)
            .help("record it again: neither is ever changed by hand"));
    }
    let mut pieces = Vec::with_capacity(table.pieces.get_ref().len());
    for (wait, bytes) in table.pieces.get_ref() {
        let time = Duration::try_from_secs_f64(wait.get_ref() / 1000.0);
        let time = time.map_err(|_| file.refuse(wait.span(), "this is no time in milliseconds"))?;
        pieces.push((time, left.split_to(*bytes)));
    }
    let headers = table.headers.iter();
    Ok(Recording {
        status: *table.status.get_ref(),
        headers: headers
            .map(|(name, value)| (name.0.clone(), value.0.clone()))
            .collect(),
        pieces,
    })
}
