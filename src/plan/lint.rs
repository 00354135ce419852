//! What is not as it should be in a plan that could be run.

use super::placeholder::{self, Kind};
use super::{Plan, Status, Step};
use crate::words::{Diagnostic, Source, Span};

/// Characters of the plan that a finding repeats.
const REPEATED: usize = 60;

/// A warning about a plan: small, for there may be millions of them; [`Finding::diagnostic`] finds the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub span: Span,
    about: About,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum About {
    Hint,
    Placeholder(Kind),
    More(usize),
    Words(Box<Words>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Words {
    rule: &'static str,
    message: String,
    found: String,
    help: String,
}

impl Finding {
    /// A finding of a rule: what is wrong, what stands there, what to do.
    pub fn new(
        span: Span,
        rule: &'static str,
        message: impl Into<String>,
        found: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let words = Words {
            rule,
            message: message.into(),
            found: found.into(),
            help: help.into(),
        };
        Self {
            span,
            about: About::Words(Box::new(words)),
        }
    }

    /// Stands for findings of one line that are not told one by one.
    pub fn more(span: Span, count: usize) -> Self {
        Self {
            span,
            about: About::More(count),
        }
    }

    /// Whether it is about a text that nobody filled in.
    pub fn is_placeholder(&self) -> bool {
        matches!(self.about, About::Placeholder(_))
    }

    /// The finding in words.
    pub fn diagnostic(&self, source: &Source) -> Diagnostic {
        let text = || repeated(source.slice(&self.span));
        let (rule, message, found, help) = match &self.about {
            About::Hint => (
                "hint",
                "a hint of the template was never followed".to_owned(),
                "a hint",
                "write what it asks for, then delete it",
            ),
            About::Placeholder(kind) => {
                let (found, help) = match kind {
                    Kind::Text => ("a placeholder", "write what it stands for, without the brackets"),
                    Kind::Name => ("a name without its number", "write the proposal's number"),
                    Kind::Date => ("a date that nobody wrote", "write the date as digits"),
                    Kind::Path => ("a path from the template", "write the path of the real file"),
                    Kind::Choice => ("a choice that nobody made", "keep one of them"),
                };
                (
                    "placeholder",
                    format!("`{}` was never filled in", text()),
                    found,
                    help,
                )
            }
            About::More(count) => (
                "more",
                format!("there are {count} more findings in this line"),
                "too many to tell one by one",
                "break the line, or mend what was told of it first",
            ),
            About::Words(words) => (
                words.rule,
                words.message.clone(),
                words.found.as_str(),
                words.help.as_str(),
            ),
        };
        Diagnostic::warning(rule, message)
            .at(source.place(&self.span))
            .found(found)
            .help(help)
    }
}

impl Plan {
    /// Everything that does not keep the plan from running, and should not be there, in the order of the file: hints and
    /// placeholders that were left, parts that are missing. What a success check says is for others to judge.
    pub fn lint(&self, source: &Source) -> Vec<Finding> {
        let mut found: Vec<Finding> = self
            .hints
            .iter()
            .map(|span| Finding {
                span: span.clone(),
                about: About::Hint,
            })
            .collect();
        let placeholders = placeholder::find(self, source);
        found.extend(placeholders.into_iter().map(|(span, kind)| Finding {
            span,
            about: About::Placeholder(kind),
        }));
        self.lint_header(source, &mut found);
        let undone = self.says_rollback(source);
        for (_, step) in self.steps() {
            lint_step(step, undone, &mut found);
        }
        found.sort_by_key(|finding| finding.span.start);
        found
    }

    fn lint_header(&self, source: &Source, found: &mut Vec<Finding>) {
        let header = &self.header;
        let top = header.title.clone().unwrap_or(0..0);
        for (name, document) in [("requirements", &header.requirements), ("design", &header.design)] {
            if document.is_none() {
                found.push(Finding::new(
                    top.clone(),
                    "no-document",
                    format!("the header names no {name} document"),
                    format!(
                        "no line `**{} Document:**` above the first section",
                        capital(name)
                    ),
                    "add the line with the document's path: every prompt is sent with the document",
                ));
            }
        }
        if self.status(source) == Status::Unknown {
            let status = header.status.clone().filter(|span| !span.is_empty());
            let (message, shown) = match &status {
                Some(span) => (
                    format!(
                        "`{}` is no status that the format knows",
                        repeated(source.slice(span))
                    ),
                    "this status",
                ),
                None => (
                    "the header says no status".to_owned(),
                    "no line `**Status:**` with a word after it",
                ),
            };
            let help = "write `Draft`, `Review`, `Approved`, `In Progress` or `Completed`";
            found.push(Finding::new(
                status.unwrap_or(top),
                "status",
                message,
                shown,
                help,
            ));
        }
    }

    /// Whether a heading before the first phase speaks of undoing the whole plan, so that not every step must.
    fn says_rollback(&self, source: &Source) -> bool {
        let headings = source
            .slice(&self.overview)
            .lines()
            .filter(|line| line.starts_with('#'));
        headings
            .map(str::to_ascii_lowercase)
            .any(|line| line.contains("rollback"))
    }
}

fn lint_step(step: &Step, undone: bool, found: &mut Vec<Finding>) {
    let parts: [(bool, &'static str, &str, &str, &str); 6] = [
        (
            step.goal.is_none(),
            "no-goal",
            "goal",
            "Goal",
            "say in a sentence what the step is for",
        ),
        (
            step.prompt.is_none(),
            "no-prompt",
            "AI prompt",
            "AI Prompt",
            "write what the model is asked to do",
        ),
        (
            step.tasks.is_empty(),
            "no-tasks",
            "tasks",
            "Tasks",
            "list what is to be done, a box each",
        ),
        (
            step.criteria.is_empty(),
            "no-criteria",
            "validation criteria",
            "Validation Criteria",
            "list what a person can verify, a box each",
        ),
        (
            step.checks.is_empty(),
            "no-check",
            "success check",
            "Success Check",
            "add a shell fence that proves the step: without one only a person can vouch for it",
        ),
        (
            step.rollback.is_empty() && !undone,
            "no-rollback",
            "rollback plan",
            "Rollback Plan",
            "say how the step is undone, here or for the whole plan under a heading before the first phase",
        ),
    ];
    for (missing, rule, name, label, help) in parts {
        if missing {
            let message = format!("step {} has no {name}", step.id);
            let shown = format!("nothing under `**{label}:**` in this step");
            found.push(Finding::new(step.heading.clone(), rule, message, shown, help));
        }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// A text of the plan on one line, cut where it is long.
fn repeated(text: &str) -> String {
    let line = super::model::one_line(text);
    match line.char_indices().nth(REPEATED) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
