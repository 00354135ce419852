use regex::Regex;
use serde::Deserialize;
use toml::Spanned;

use super::file::File;
use super::reply::{self, ReplyTable};
use super::values::{Calls, Headers, Word, Words};
use crate::mock::{Answer, Dialect, Rule, When};
use crate::words::Failure;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleTable {
    description: String,
    when: Option<Spanned<WhenTable>>,
    reply: Spanned<Vec<Spanned<ReplyTable>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenTable {
    step: Option<Word>,
    contains: Option<Words>,
    matches: Option<Spanned<Word>>,
    model: Option<Word>,
    dialect: Option<DialectWord>,
    header: Option<Headers>,
    call: Option<Calls>,
    request: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DialectWord {
    Openai,
    OpenaiResponses,
    Anthropic,
    Ollama,
}

pub(super) fn read(file: &File<'_>, table: Spanned<RuleTable>) -> Result<Rule, Failure> {
    let mut span = table.span();
    let table = table.into_inner();
    if table.reply.get_ref().is_empty() {
        return Err(file
            .refuse(table.reply.span(), "a rule without a reply answers nothing")
            .help("add a `[[rule.reply]]`"));
    }
    let mut when = When::default();
    if let Some(conditions) = table.when {
        span = conditions.span();
        when = conditions.into_inner().read(file)?;
    }
    let is_recorded = when.request.is_some();
    if is_recorded
        && when
            != (When {
                request: when.request.clone(),
                call: when.call,
                ..When::default()
            })
    {
        return Err(file
            .refuse(span, "a recorded request is known by `request` alone")
            .help("take the other conditions away: they all hold, or it is another request"));
    }
    let mut replies = Vec::new();
    for reply in table.reply.into_inner() {
        let span = reply.span();
        let reply = reply::read(file, reply)?;
        if matches!(reply.answer, Answer::Recorded(_)) != is_recorded {
            let (text, help) = if is_recorded {
                (
                    "a rule with `request` gives what was recorded",
                    "say `recorded`, or choose by other conditions",
                )
            } else {
                (
                    "what was recorded answers only its own request",
                    "say `request` in the rule's `when`",
                )
            };
            return Err(file.refuse(span, text).help(help));
        }
        replies.push(reply);
    }
    Ok(Rule {
        description: table.description,
        when,
        replies,
        place: file.place(&span),
    })
}

impl WhenTable {
    fn read(self, file: &File<'_>) -> Result<When, Failure> {
        Ok(When {
            step: self.step.map(|step| step.0),
            contains: self.contains.unwrap_or_default().0,
            matches: self.matches.map(|text| pattern(file, &text)).transpose()?,
            model: self.model.map(|model| model.0),
            dialect: self.dialect.map(|word| match word {
                DialectWord::Openai => Dialect::Chat,
                DialectWord::OpenaiResponses => Dialect::Responses,
                DialectWord::Anthropic => Dialect::Messages,
                DialectWord::Ollama => Dialect::Ollama,
            }),
            headers: self.header.unwrap_or_default().0,
            call: self.call.map(|calls| calls.0),
            request: self.request.map(|text| digest(file, &text)).transpose()?,
        })
    }
}

fn pattern(file: &File<'_>, text: &Spanned<Word>) -> Result<Regex, Failure> {
    Regex::new(&text.get_ref().0).map_err(|error| {
        // The engine draws a picture of the place first; its last line says what is wrong.
        let error = error.to_string();
        let said = error.lines().last().unwrap_or_default();
        let said = said.strip_prefix("error: ").unwrap_or(said);
        file.refuse(text.span(), format!("this is no pattern: {said}"))
            .help("write a literal `\\` before what is meant as it stands, or use `contains`")
    })
}

fn digest(file: &File<'_>, text: &Spanned<String>) -> Result<String, Failure> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.get_ref().len() != 64 || !text.get_ref().bytes().all(is_digit) {
        return Err(file
            .refuse(text.span(), "this is no digest of a request")
            .help("it has 64 digits in lower case, and `stepgate mock record` writes it"));
    }
    Ok(text.get_ref().clone())
}
