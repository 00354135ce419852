//! Reading a scenario from TOML and the files that it names.

use std::io;

use serde::Deserialize;
use toml::Spanned;

use super::scenario::{Answer, Rule, Scenario, When};
use crate::llm::Finish;
use crate::words::{Exit, Failure, Source, Span};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioTable {
    description: String,
    rule: Spanned<Vec<Spanned<RuleTable>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    description: String,
    when: Option<Spanned<WhenTable>>,
    reply: Spanned<Vec<Spanned<ReplyTable>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenTable {
    step: Option<String>,
    contains: Option<String>,
    model: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyTable {
    file: Option<Spanned<String>>,
    text: Option<String>,
    error: Option<ErrorTable>,
    finish: Option<FinishWord>,
    cut: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorTable {
    status: Spanned<u16>,
    message: String,
}

/// [`Finish`] without the words that only a provider may use.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FinishWord {
    Stop,
    Length,
    ContentFilter,
    Refusal,
}

impl Scenario {
    /// Reads the scenario at `path` and the files that it names.
    ///
    /// `read` is given `path` itself, and the named files' paths joined to its folder: the same scenario comes from a
    /// disk or from [`crate::assets::mock`]. Fails with exit code 6 and the place when something in it cannot be used.
    pub fn load(path: &str, read: &dyn Fn(&str) -> io::Result<Vec<u8>>) -> Result<Self, Failure> {
        let bytes = read(path).map_err(|error| {
            let text = format!("cannot read the scenario `{path}`: {}", plain(&error));
            Failure::new(Exit::Configuration, "mock-scenario", text)
        })?;
        let source = text_of(path, bytes)?;
        let table: ScenarioTable = toml::from_str(source.text()).map_err(|error| {
            let place = source.place(&error.span().unwrap_or_default());
            Failure::new(Exit::Configuration, "mock-scenario", error.message().trim()).at(place)
        })?;
        ScenarioFile {
            source: &source,
            read,
        }
        .scenario(table)
    }
}

struct ScenarioFile<'a> {
    source: &'a Source,
    read: &'a dyn Fn(&str) -> io::Result<Vec<u8>>,
}

impl ScenarioFile<'_> {
    fn scenario(&self, table: ScenarioTable) -> Result<Scenario, Failure> {
        if table.rule.get_ref().is_empty() {
            return Err(self.refuse(table.rule.span(), "a scenario without a rule answers nobody"));
        }
        let rules = table.rule.into_inner().into_iter();
        Ok(Scenario {
            description: table.description,
            rules: rules.map(|rule| self.rule(rule)).collect::<Result<_, _>>()?,
        })
    }

    fn rule(&self, table: Spanned<RuleTable>) -> Result<Rule, Failure> {
        let mut span = table.span();
        let table = table.into_inner();
        if table.reply.get_ref().is_empty() {
            return Err(self.refuse(table.reply.span(), "a rule without a reply answers nothing"));
        }
        let mut when = When::default();
        if let Some(conditions) = table.when {
            span = conditions.span();
            let WhenTable {
                step,
                contains,
                model,
            } = conditions.into_inner();
            when = When {
                step,
                contains,
                model,
            };
        }
        let replies = table.reply.into_inner().into_iter();
        Ok(Rule {
            description: table.description,
            when,
            answers: replies
                .map(|reply| self.answer(reply))
                .collect::<Result<_, _>>()?,
            place: self.source.place(&span),
        })
    }

    fn answer(&self, table: Spanned<ReplyTable>) -> Result<Answer, Failure> {
        let span = table.span();
        let table = table.into_inner();
        let text = match (table.file, table.text, table.error) {
            (Some(file), None, None) => self.text(&file)?,
            (None, Some(text), None) => text,
            (None, None, Some(error)) => {
                if table.finish.is_some() || table.cut.is_some() {
                    let text = "a reply with `error` has no end, so `finish` and `cut` mean nothing";
                    return Err(self.refuse(span, text));
                }
                return self.error(error);
            }
            _ => {
                let text = "a reply has exactly one of `file`, `text` and `error`";
                return Err(self.refuse(span, text));
            }
        };
        let finish = match table.finish {
            None | Some(FinishWord::Stop) => Finish::Stop,
            Some(FinishWord::Length) => Finish::Length,
            Some(FinishWord::ContentFilter) => Finish::ContentFilter,
            Some(FinishWord::Refusal) => Finish::Refusal,
        };
        Ok(Answer::Text {
            text,
            finish,
            cut: table.cut.unwrap_or(false),
        })
    }

    fn error(&self, table: ErrorTable) -> Result<Answer, Failure> {
        let status = *table.status.get_ref();
        if !(400..=599).contains(&status) {
            let text = "the status of an error is a number from 400 to 599";
            return Err(self.refuse(table.status.span(), text));
        }
        Ok(Answer::Error {
            status,
            message: table.message,
        })
    }

    fn text(&self, file: &Spanned<String>) -> Result<String, Failure> {
        let name = file.get_ref();
        // A scenario may come with a repository: it names its own files, and no others.
        if name.starts_with('/') || name.split(['/', '\\']).any(|part| part == "..") {
            let text = format!("`{name}` does not stand beside the scenario");
            return Err(self
                .refuse(file.span(), text)
                .help("give a path from the scenario's folder, without `..`"));
        }
        let path = match self.source.path().rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{name}"),
            None => name.clone(),
        };
        let bytes = (self.read)(&path).map_err(|error| {
            let text = format!("cannot read the reply `{path}`: {}", plain(&error));
            self.refuse(file.span(), text)
                .help("the path starts at the scenario's folder")
        })?;
        Ok(text_of(&path, bytes)?.text().to_owned())
    }

    fn refuse(&self, span: Span, text: impl Into<String>) -> Failure {
        let place = self.source.place(&span);
        Failure::new(Exit::Configuration, "mock-scenario", text).at(place)
    }
}

fn text_of(path: &str, bytes: Vec<u8>) -> Result<Source, Failure> {
    Source::new(path, bytes).map_err(|diagnostic| Failure {
        exit: Exit::Configuration,
        diagnostics: vec![*diagnostic],
    })
}

/// What the system said, without Rust's "(os error N)".
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].to_lowercase()
}

#[cfg(test)]
#[path = "scenario_tests.rs"]
mod tests;
