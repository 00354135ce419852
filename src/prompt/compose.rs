use serde::Serialize;

use super::{Template, Templates};
use crate::llm::Request;
use crate::plan::{Phase, Plan, Step};
use crate::words::{Digest, Failure, Source};

/// A document that the plan rests on, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `requirements`, `design` or `context`.
    pub role: &'static str,
    /// From the repository root where it is beneath it.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// A file that a step names, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFile {
    /// As the plan writes it.
    pub path: String,
    /// `new`, `modify`, …
    pub action: Option<String>,
    /// The rest of what the plan says of it.
    pub note: Option<String>,
    /// Its text; `None` where it is not shown.
    pub text: Option<String>,
    /// Whether it does not exist.
    pub missing: bool,
}

/// What an earlier attempt came to, for the prompt of the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retry {
    /// Number of the attempt that comes.
    pub attempt: u32,
    /// What did not pass.
    pub reason: String,
    /// The check that was run.
    pub script: Option<String>,
    /// What it printed.
    pub output: Option<String>,
    /// How it ended.
    pub status: Option<String>,
    /// What the person says.
    pub note: Option<String>,
}

/// Everything that a prompt is made of.
pub struct Material<'a> {
    /// The words.
    pub templates: &'a Templates,
    /// The plan.
    pub plan: &'a Plan,
    /// Its text.
    pub source: &'a Source,
    /// The plan's path from the repository root.
    pub path: &'a str,
    /// What the plan rests on, in the order in which it is sent.
    pub documents: &'a [Document],
}

/// What is asked this time: the step, its files, and the failure that came before.
pub struct Occasion<'a> {
    /// The phase that holds the step.
    pub phase: &'a Phase,
    /// The step.
    pub step: &'a Step,
    /// The files that it names.
    pub files: &'a [StepFile],
    /// From 1.
    pub attempt: u32,
    /// What the attempt before came to.
    pub retry: Option<&'a Retry>,
}

/// A prompt, and what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What is sent.
    pub request: Request,
    /// Its parts with their sizes.
    pub parts: Vec<Part>,
    /// Files that the step names and that are not shown: folders, links, what is no text or is over 1 MiB.
    pub omitted: Vec<String>,
}

/// A part of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is: `system`, `requirements`, `design`, `context`, `plan overview`, `step`, `files`.
    pub name: String,
    /// The document's path, where it is one.
    pub path: Option<String>,
    /// Bytes of text.
    pub bytes: usize,
    /// Tokens, estimated at four bytes each.
    pub tokens: usize,
}

impl Part {
    fn new(name: impl Into<String>, bytes: usize) -> Self {
        Self {
            name: name.into(),
            path: None,
            bytes,
            tokens: bytes.div_ceil(4),
        }
    }
}

impl Prompt {
    /// The whole text, for a person or a program that takes no roles: the system text, a blank line, the rest.
    pub fn text(&self) -> String {
        format!("{}\n\n{}", self.request.system.trim_end(), self.request.user)
    }

    /// Tokens of the whole, estimated.
    pub fn tokens(&self) -> usize {
        (self.request.system.len() + self.request.user.len()).div_ceil(4)
    }

    /// The digest of what is sent: consent is bound to it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text())
    }
}

impl Material<'_> {
    /// Makes the prompt of a step: the system text; documents and overview, equal for all steps of the plan, so that a
    /// provider can cache them; the step, its files, an earlier failure; last the AI prompt line.
    ///
    /// Fails with exit 3, naming the step's line, when the step has no prompt, and with 6 for a template's fault.
    pub fn prompt(&self, occasion: &Occasion<'_>) -> Result<Prompt, Failure> {
        let source = self.source;
        let Some(ask) = occasion
            .step
            .prompt
            .as_ref()
            .map(|prompt| prompt.text(source))
            .filter(|t| !t.is_empty())
        else {
            return Err(Failure::from(
                crate::words::Diagnostic::error(
                    "no-prompt",
                    format!("step {} has no AI prompt", occasion.step.id),
                )
                .at(source.place(&occasion.step.heading))
                .found("no `**AI Prompt:**` with text below this heading")
                .help("write it as `**AI Prompt:** `…`` in the step"),
            ));
        };
        let system = self.templates.render(Template::System, ())?;
        let context = self.templates.render(Template::Context, self.context())?;
        let step_text = source.slice(&occasion.step.span).replace("\r\n", "\n");
        let files: Vec<FileVars<'_>> = occasion.files.iter().map(FileVars::of).collect();
        let vars = StepVars {
            step: StepWords {
                id: occasion.step.id.to_string(),
                title: source.slice(&occasion.step.title),
                text: &step_text,
                goal: occasion.step.goal.as_ref().map(|span| source.slice(span)),
                prompt: &ask,
            },
            phase: PhaseWords {
                number: occasion.phase.number.to_string(),
                title: source.slice(&occasion.phase.title),
                goal: occasion.phase.goal.as_ref().map(|span| source.slice(span)),
            },
            files: &files,
            retry: occasion.retry,
        };
        let step = self.templates.render(Template::Step, &vars)?;
        let mut parts = vec![Part::new("system", system.len())];
        for document in self.documents {
            let path = Some(document.path.clone());
            parts.push(Part {
                path,
                ..Part::new(document.role, document.text.len())
            });
        }
        parts.push(Part::new("plan overview", self.plan.overview.len()));
        let of_files: usize = occasion
            .files
            .iter()
            .filter_map(|file| file.text.as_ref())
            .map(String::len)
            .sum();
        parts.push(Part::new(
            format!("step {}", occasion.step.id),
            step.len().saturating_sub(of_files),
        ));
        if of_files > 0 {
            parts.push(Part::new("files", of_files));
        }
        let shared = context.len();
        let mut user = context;
        user.push_str(&step);
        let request = Request {
            system,
            user,
            shared,
            step: occasion.step.id.to_string(),
            attempt: occasion.attempt,
        };
        let hidden = occasion
            .files
            .iter()
            .filter(|file| file.text.is_none() && !file.missing);
        let omitted = hidden.map(|file| file.path.clone()).collect();
        Ok(Prompt {
            request,
            parts,
            omitted,
        })
    }

    fn context(&self) -> ContextVars<'_> {
        let source = self.source;
        let documents = self.documents.iter().map(|document| DocumentVars {
            role: document.role,
            path: &document.path,
            fence: fence(&document.text),
            text: &document.text,
        });
        ContextVars {
            plan: PlanWords {
                id: self.plan.id(source).unwrap_or_else(|| "plan".to_owned()),
                title: self
                    .plan
                    .header
                    .title
                    .as_ref()
                    .map_or(self.path, |span| source.slice(span)),
                path: self.path,
                overview: source.slice(&self.plan.overview).replace("\r\n", "\n"),
            },
            documents: documents.collect(),
        }
    }
}

/// A token that the text itself cannot foresee: its own digest. Equal text gives equal bytes, so that caching holds.
fn fence(text: &str) -> String {
    Digest::of(text).short().to_owned()
}

#[derive(Serialize)]
struct ContextVars<'a> {
    plan: PlanWords<'a>,
    documents: Vec<DocumentVars<'a>>,
}

#[derive(Serialize)]
struct PlanWords<'a> {
    id: String,
    title: &'a str,
    path: &'a str,
    overview: String,
}

#[derive(Serialize)]
struct DocumentVars<'a> {
    role: &'a str,
    path: &'a str,
    fence: String,
    text: &'a str,
}

#[derive(Serialize)]
struct StepVars<'a> {
    step: StepWords<'a>,
    phase: PhaseWords<'a>,
    files: &'a [FileVars<'a>],
    retry: Option<&'a Retry>,
}

#[derive(Serialize)]
struct StepWords<'a> {
    id: String,
    title: &'a str,
    text: &'a str,
    goal: Option<&'a str>,
    prompt: &'a str,
}

#[derive(Serialize)]
struct PhaseWords<'a> {
    number: String,
    title: &'a str,
    goal: Option<&'a str>,
}

#[derive(Serialize)]
struct FileVars<'a> {
    path: &'a str,
    action: Option<&'a str>,
    note: Option<&'a str>,
    fence: String,
    text: Option<&'a str>,
    missing: bool,
}

impl<'a> FileVars<'a> {
    fn of(file: &'a StepFile) -> Self {
        Self {
            path: &file.path,
            action: file.action.as_deref(),
            note: file.note.as_deref(),
            fence: fence(file.text.as_deref().unwrap_or_default()),
            text: file.text.as_deref(),
            missing: file.missing,
        }
    }
}
