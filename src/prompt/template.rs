use std::collections::BTreeMap;

use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

use super::engine;
use crate::assets;
use crate::words::{Exit, Failure};

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
    /// The role of an external agent, which works in the tree itself; in the place of [`Template::System`].
    Agent,
    /// The prompt that closes a plan, with the evidence.
    Finish,
    /// The model's role where it writes a document.
    Writer,
    /// What a document rests on; the same for all its sections.
    Sources,
    /// One section of a document, to be filled in.
    Fill,
    /// The phases and steps of a plan, to be written whole.
    Steps,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::System,
        Self::Context,
        Self::Step,
        Self::Retry,
        Self::Agent,
        Self::Finish,
        Self::Writer,
        Self::Sources,
        Self::Fill,
        Self::Steps,
    ];

    /// The name of its file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::System => "system.md",
            Self::Context => "context.md",
            Self::Step => "step.md",
            Self::Retry => "retry.md",
            Self::Agent => "agent.md",
            Self::Finish => "finish.md",
            Self::Writer => "writer.md",
            Self::Sources => "sources.md",
            Self::Fill => "fill.md",
            Self::Steps => "steps.md",
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
        let environment = engine::environment()?;
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
                let inner = engine::innermost(&error);
                self.failure(name, inner.template_source().unwrap_or_default(), inner)
            })
    }

    fn failure(&self, name: &str, text: &str, error: &minijinja::Error) -> Failure {
        let name = error.name().unwrap_or(name);
        let path = self.paths.get(name).map_or(name, String::as_str);
        engine::failure(path, text, error)
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
