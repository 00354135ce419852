use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use serde::Serialize;

use super::cuts::Cuts;
use super::document::Document;
use super::engine::ended;
use super::parts::{Between, Part, share};
use super::prompt::Prompt;
use super::relevance::words;
use super::{Template, Templates};
use crate::llm::{Counter, Request, Terms};
use crate::plan::{Phase, Plan, Step as PlanStep};
use crate::words::{Digest, Failure, Source, unix_lines};

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
    /// Why it is not shown, where that can be said.
    pub hidden: Option<String>,
}

/// What an earlier attempt came to, for the prompt of the next one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Retry {
    /// Number of the attempt that comes.
    pub attempt: u32,
    /// Whether an attempt failed; otherwise only a reply could not be used.
    pub failed: bool,
    /// What did not pass.
    pub reason: String,
    /// The check that was run.
    pub script: Option<String>,
    /// What it printed.
    pub output: Option<String>,
    /// How it ended.
    pub status: Option<String>,
    /// The command that failed, in words.
    pub command: Option<String>,
    /// What the person says.
    pub note: Option<String>,
    /// The difference that was applied.
    pub diff: Option<String>,
    /// Files of the reply that were not written.
    pub declined: Vec<String>,
    /// Why, in the person's words.
    pub declined_why: Option<String>,
    /// Files that the person edited before they were written.
    pub edited: Vec<String>,
    /// Files of the agent's work that the person put back.
    pub put_back: Vec<String>,
    /// Why the last reply could not be used, where none came since.
    pub refused: Option<String>,
}

/// Everything that a prompt is made of.
pub struct Material<'a> {
    /// The words.
    pub templates: &'a Templates,
    /// Whose role they begin with: a model's, [`Template::System`], or an agent's, [`Template::Agent`].
    pub role: Template,
    /// The plan.
    pub plan: &'a Plan,
    /// Its text.
    pub source: &'a Source,
    /// The plan's path from the repository root.
    pub path: &'a str,
    /// What the plan rests on, in the order in which it is sent.
    pub documents: &'a [Document],
    /// What is filled in already, for the next step of the same plan.
    pub filled: &'a Filled,
}

/// The texts that all steps of a plan share, filled in once.
#[derive(Debug, Default)]
pub struct Filled(OnceCell<Shared>);

/// What the steps of a plan have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) system: Arc<str>,
    /// The documents and the overview of the plan: how every text that asks begins.
    pub(super) context: Arc<str>,
    pub(super) parts: Vec<Part>,
}

/// What is asked this time: the step, its files, and the failure that came before.
pub struct Occasion<'a> {
    /// The phase that holds the step.
    pub phase: &'a Phase,
    /// The step.
    pub step: &'a PlanStep,
    /// The files that it names.
    pub files: &'a [StepFile],
    /// From 1.
    pub attempt: u32,
    /// What the attempt before came to.
    pub retry: Option<&'a Retry>,
}

/// What of a prompt is this step's own, however much of the documents is shown.
struct Own<'a> {
    occasion: &'a Occasion<'a>,
    /// From the step's heading to its AI prompt line.
    text: String,
}

impl Material<'_> {
    /// Makes the prompt of a step: the system text; documents and overview, equal for all steps of the plan, so that a
    /// provider can cache them; the step, its files, an earlier failure; last the AI prompt line.
    ///
    /// Where that is more than the context takes, whole sections of the documents are left out, least relevant to the
    /// step first, each with a note in its place; all else is as it was. The same material gives the same bytes.
    ///
    /// Fails with exit 3, naming the step's line, when the step has no prompt, with 6 for a template's fault, and with 8
    /// where the step does not fit without the documents either.
    pub fn prompt(&self, occasion: &Occasion<'_>, terms: &Terms) -> Result<Prompt, Failure> {
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
        let step = Own {
            occasion,
            text: self.step_text(occasion, &ask)?,
        };
        let shared = self.shared_by_all(terms.counter)?;
        let mut prompt = assemble(shared, &step, terms.counter);
        let Some(room) = terms.room() else {
            return Ok(prompt);
        };
        if prompt.tokens() <= room {
            return Ok(prompt);
        }
        let phase = source.slice(&occasion.phase.title);
        let about = words(&format!("{phase}\n{}\n{ask}", source.slice(&occasion.step.span)));
        let mut cuts = Cuts::new(self.documents, &about, terms.counter);
        while prompt.tokens() > room && cuts.leave_out(prompt.tokens() - room) {
            let shared = self.shared(&cuts.documents(), terms.counter)?;
            prompt = assemble(&shared, &step, terms.counter);
        }
        prompt.left_out = cuts.left_out();
        prompt.check_size(terms)?;
        Ok(prompt)
    }

    fn step_text(&self, occasion: &Occasion<'_>, ask: &str) -> Result<String, Failure> {
        let source = self.source;
        let text = unix_lines(source.slice(&occasion.step.span));
        let files: Vec<FileVars<'_>> = occasion.files.iter().map(FileVars::of).collect();
        let vars = StepVars {
            step: StepWords {
                id: occasion.step.id.to_string(),
                title: source.slice(&occasion.step.title),
                text: &text,
                goal: occasion.step.goal.as_ref().map(|span| source.slice(span)),
                prompt: ask,
            },
            phase: PhaseWords {
                number: occasion.phase.number.to_string(),
                title: source.slice(&occasion.phase.title),
                goal: occasion.phase.goal.as_ref().map(|span| source.slice(span)),
            },
            files: &files,
            retry: occasion.retry,
        };
        self.templates.render(Template::Step, &vars)
    }

    /// What all steps of the plan share while nothing has to be left out, made for the first of them.
    pub(super) fn shared_by_all(&self, counter: Counter) -> Result<&Shared, Failure> {
        if let Some(shared) = self.filled.0.get() {
            return Ok(shared);
        }
        let shared = self.shared(self.documents, counter)?;
        Ok(self.filled.0.get_or_init(|| shared))
    }

    /// The system text, these documents and the overview, and their parts.
    fn shared(&self, documents: &[Document], counter: Counter) -> Result<Shared, Failure> {
        let system = self.templates.render(self.role, ())?;
        let values = self.context(documents);
        let context = self.templates.render(Template::Context, &values)?;
        let mut parts = vec![Part::of("system", &system, counter)];
        let of_document = |document: &Document| Part::empty(document.role, Some(document.path.clone()));
        parts.extend(documents.iter().map(of_document));
        let overview = parts.len();
        parts.push(Part::empty("plan overview", None));
        let texts = documents.iter().map(|document| document.text.as_str());
        let insets = texts.chain([values.plan.overview.as_ref()]).enumerate();
        let insets: Vec<_> = insets.map(|(at, text)| (at + 1, ended(text))).collect();
        share(&context, &insets, Between::Leading(overview), &mut parts, counter);
        Ok(Shared {
            system: system.into(),
            context: context.into(),
            parts,
        })
    }

    fn context<'d>(&'d self, documents: &'d [Document]) -> ContextVars<'d> {
        let source = self.source;
        let id = self.plan.id(source).unwrap_or_else(|| "plan".to_owned());
        let title = self.plan.header.title.as_ref();
        let title = title.map_or(self.path, |span| without_id(source.slice(span), &id));
        let documents = documents.iter().map(|document| DocumentVars {
            role: document.role,
            path: &document.path,
            fence: fence(&document.text),
            text: &document.text,
        });
        ContextVars {
            plan: PlanWords {
                id,
                title,
                path: self.path,
                overview: unix_lines(source.slice(&self.plan.overview)),
            },
            documents: documents.collect(),
        }
    }
}

/// The prompt of a step, and its parts.
fn assemble(shared: &Shared, step: &Own<'_>, counter: Counter) -> Prompt {
    let occasion = step.occasion;
    let mut parts = shared.parts.clone();
    let own = parts.len();
    parts.push(Part::empty(format!("step {}", occasion.step.id), None));
    parts.push(Part::empty("files", None));
    parts.push(Part::empty("earlier attempt", None));
    let files = occasion.files.iter().filter_map(|file| file.text.as_deref());
    let mut insets: Vec<_> = files.map(|text| (own + 1, ended(text))).collect();
    let output = occasion.retry.and_then(|retry| retry.output.as_deref());
    insets.extend(output.map(|output| (own + 2, ended(output))));
    share(&step.text, &insets, Between::Of(own), &mut parts, counter);
    let mut at = 0;
    parts.retain(|part| {
        at += 1;
        part.bytes > 0 || at <= own
    });
    let hidden = occasion
        .files
        .iter()
        .filter(|file| file.text.is_none() && !file.missing);
    Prompt {
        request: Request {
            system: shared.system.clone(),
            shared: shared.context.clone(),
            own: step.text.clone(),
            step: occasion.step.id.to_string(),
            attempt: occasion.attempt,
        },
        parts,
        estimated: counter.estimates(),
        omitted: hidden.map(|file| file.path.clone()).collect(),
        left_out: Vec::new(),
        made: None,
    }
}

/// A title without the id that it begins with: the template writes both.
fn without_id<'t>(title: &'t str, id: &str) -> &'t str {
    let rest = title.strip_prefix(id).map(str::trim_start);
    let bare = rest.and_then(|rest| rest.strip_prefix([':', '-', '\u{2013}', '\u{2014}']));
    bare.map(str::trim_start)
        .filter(|bare| !bare.is_empty())
        .unwrap_or(title)
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
    overview: Cow<'a, str>,
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
    hidden: Option<&'a str>,
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
            hidden: file.hidden.as_deref(),
        }
    }
}
