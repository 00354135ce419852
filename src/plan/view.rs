//! The plan as a JSON document, schema `stepgate.plan/1`.

use serde::Serialize;

use super::model::one_line;
use super::{Checkbox, Dependency, Phase, Plan, Progress, State, Step};
use crate::words::{Source, Span};

/// The document that `show --json` prints.
#[derive(Debug, Serialize)]
pub struct PlanView {
    schema: &'static str,
    path: String,
    id: Option<String>,
    title: Option<String>,
    status: Option<String>,
    created: Option<String>,
    updated: Option<String>,
    requirements: Option<String>,
    design: Option<String>,
    boxes: Tally,
    phases: Vec<PhaseView>,
    checklists: Vec<ChecklistView>,
}

/// Boxes ticked, and boxes in all.
#[derive(Debug, Serialize)]
pub struct Tally {
    /// Ticked.
    pub done: usize,
    /// In all.
    pub total: usize,
}

#[derive(Debug, Serialize)]
struct PhaseView {
    number: String,
    title: String,
    line: usize,
    goal: Option<String>,
    dependencies: Vec<DependencyView>,
    completion: Vec<BoxView>,
    steps: Vec<StepView>,
}

/// One step of the document.
#[derive(Debug, Serialize)]
pub struct StepView {
    id: String,
    title: String,
    line: usize,
    state: &'static str,
    goal: Option<String>,
    files: Vec<FileView>,
    prompt: Option<String>,
    tasks: Vec<BoxView>,
    criteria: Vec<BoxView>,
    other: Vec<BoxView>,
    dependencies: Vec<DependencyView>,
    checks: Vec<CheckView>,
    rollback: Vec<String>,
}

#[derive(Debug, Serialize)]
struct FileView {
    path: String,
    action: Option<String>,
    note: Option<String>,
}

#[derive(Debug, Serialize)]
struct DependencyView {
    text: String,
    kind: &'static str,
    steps: Vec<String>,
    phases: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CheckView {
    language: Option<String>,
    script: String,
    line: usize,
}

#[derive(Debug, Serialize)]
struct ChecklistView {
    heading: Vec<String>,
    line: usize,
    boxes: Vec<BoxView>,
}

#[derive(Debug, Serialize)]
struct BoxView {
    text: String,
    done: bool,
    line: usize,
    offset: usize,
}

impl PlanView {
    /// The whole plan.
    pub fn of(plan: &Plan, source: &Source) -> Self {
        let view = Viewer {
            source,
            progress: Progress::of(plan),
        };
        let (done, total) = plan.tally();
        let header = &plan.header;
        let text = |span: &Option<Span>| view.filled(span);
        Self {
            schema: "stepgate.plan/1",
            path: source.path().to_owned(),
            id: plan.id(source),
            title: text(&header.title),
            status: text(&header.status),
            created: text(&header.created),
            updated: text(&header.updated),
            requirements: header.requirements.as_ref().map(|link| link.path.clone()),
            design: header.design.as_ref().map(|link| link.path.clone()),
            boxes: Tally { done, total },
            phases: plan.phases.iter().map(|phase| view.phase(phase)).collect(),
            checklists: plan
                .checklists
                .iter()
                .map(|list| ChecklistView {
                    heading: list.path(source),
                    line: list.heading.last().map_or(1, |span| source.line(span.start)),
                    boxes: view.boxes(&list.boxes),
                })
                .collect(),
        }
    }
}

impl StepView {
    /// One step alone.
    pub fn of(plan: &Plan, phase: &Phase, step: &Step, source: &Source) -> Self {
        Viewer {
            source,
            progress: Progress::of(plan),
        }
        .step(phase, step)
    }
}

struct Viewer<'a> {
    source: &'a Source,
    progress: Progress<'a>,
}

impl Viewer<'_> {
    fn phase(&self, phase: &Phase) -> PhaseView {
        PhaseView {
            number: phase.number.to_string(),
            title: self.text(&phase.title),
            line: self.source.line(phase.heading.start),
            goal: self.filled(&phase.goal),
            dependencies: self.dependencies(&phase.dependencies),
            completion: self.boxes(&phase.completion),
            steps: phase.steps.iter().map(|step| self.step(phase, step)).collect(),
        }
    }

    fn step(&self, phase: &Phase, step: &Step) -> StepView {
        let state = match self.progress.state(phase, step) {
            State::Done => "done",
            State::Ready => "ready",
            State::Blocked(_) => "blocked",
        };
        StepView {
            id: step.id.to_string(),
            title: self.text(&step.title),
            line: self.source.line(step.heading.start),
            state,
            goal: self.filled(&step.goal),
            files: step
                .files
                .iter()
                .map(|file| FileView {
                    path: self.text(&file.path),
                    action: self.filled(&file.action),
                    note: self.filled(&file.note),
                })
                .collect(),
            prompt: step.prompt.as_ref().map(|prompt| prompt.text(self.source)),
            tasks: self.boxes(&step.tasks),
            criteria: self.boxes(&step.criteria),
            other: self.boxes(&step.other),
            dependencies: self.dependencies(&step.dependencies),
            checks: step
                .checks
                .iter()
                .map(|check| CheckView {
                    language: Some(self.text(&check.language)).filter(|language| !language.is_empty()),
                    script: check.text(self.source),
                    line: self.source.line(check.start()),
                })
                .collect(),
            rollback: step.rollback.iter().map(|span| self.text(span)).collect(),
        }
    }

    fn boxes(&self, boxes: &[Checkbox]) -> Vec<BoxView> {
        boxes
            .iter()
            .map(|checkbox| BoxView {
                text: checkbox.text(self.source),
                done: checkbox.done,
                line: self.source.line(checkbox.offset),
                offset: checkbox.offset,
            })
            .collect()
    }

    fn dependencies(&self, dependencies: &[Dependency]) -> Vec<DependencyView> {
        dependencies
            .iter()
            .map(|dependency| DependencyView {
                text: self.text(&dependency.text),
                kind: if dependency.external {
                    "external"
                } else {
                    "resolved"
                },
                steps: dependency.steps.iter().map(ToString::to_string).collect(),
                phases: dependency.phases.iter().map(ToString::to_string).collect(),
            })
            .collect()
    }

    fn text(&self, span: &Span) -> String {
        one_line(self.source.slice(span))
    }

    fn filled(&self, span: &Option<Span>) -> Option<String> {
        span.as_ref()
            .map(|span| self.text(span))
            .filter(|text| !text.is_empty())
    }
}

impl Plan {
    /// The proposal's id, such as `EP-0003`: letters, a hyphen and digits (or `XXXX`) at the start of the title, else
    /// of the file's name.
    pub fn id(&self, source: &Source) -> Option<String> {
        let title = self
            .header
            .title
            .as_ref()
            .map(|span| source.slice(span))
            .unwrap_or_default();
        let name = source.path().rsplit(['/', '\\']).next().unwrap_or_default();
        [title, name].into_iter().find_map(leading_id)
    }
}

impl Plan {
    /// Whether it is a template: its id, such as `EP-XXXX`, is still to be given.
    pub fn is_template(&self, source: &Source) -> bool {
        let id = self.id(source);
        id.is_some_and(|id| {
            id.rsplit('-')
                .next()
                .is_some_and(|number| number.starts_with('X'))
        })
    }
}

fn leading_id(text: &str) -> Option<String> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = text[letters..].strip_prefix('-')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let unfilled = rest.bytes().take_while(|b| *b == b'X').count();
    let length = digits.max(unfilled);
    let after = rest[length..].chars().next();
    let ends = after.is_none_or(|c| !c.is_alphanumeric());
    (letters > 0 && length > 0 && ends).then(|| text[..letters + 1 + length].to_owned())
}
