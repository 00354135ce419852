use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::Number;
use crate::words::{Source, Span};

/// A plan as read: what stands where in its [`Source`]. All spans are bytes of the file.
#[derive(Debug, Default)]
pub struct Plan {
    /// Title and fields at the top of the file.
    pub header: Header,
    /// From the first section to the first phase: what every prompt of the plan is told. Empty where there is none.
    pub overview: Span,
    /// In the order of the file.
    pub phases: Vec<Phase>,
    /// Every box outside the steps and the phases' completion criteria, by heading.
    pub checklists: Vec<Checklist>,
    /// The prompt that closes the plan.
    pub final_prompt: Option<Quoted>,
    /// `<!-- AI: … -->` hints that nobody filled.
    pub hints: Vec<Span>,
    /// What makes the structure doubtful, to be refused.
    pub(crate) flaws: Vec<Flaw>,
}

/// Something in the Markdown that swallows what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A fence without its closing line; the span of its opening line.
    UnclosedFence(Span),
    /// An HTML comment without its end; the span of its start.
    UnclosedComment(Span),
    /// A heading that was surely meant as a step and is none: what is below it would be lost.
    NearStep(Span),
}

/// The top of the file.
#[derive(Debug, Default)]
pub struct Header {
    /// The text of the level-1 heading.
    pub title: Option<Span>,
    /// `Draft`, `Review`, `Approved`, `In Progress` or `Completed`.
    pub status: Option<Span>,
    /// A date.
    pub created: Option<Span>,
    /// A date.
    pub updated: Option<Span>,
    /// Where the proposal stands, in free words.
    pub phase: Option<Span>,
    /// The requirements document.
    pub requirements: Option<DocumentLink>,
    /// The design document.
    pub design: Option<DocumentLink>,
}

/// How the header names a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentLink {
    /// The path as written.
    pub path: String,
    /// Where it is written.
    pub span: Span,
    /// A Markdown link's target counts from the plan's folder, a path in a code span from the repository root.
    pub from_plan: bool,
}

impl DocumentLink {
    /// The path that is meant. The target of a Markdown link is a URL: its fragment names a place within the file, and
    /// what no URL can hold is percent-encoded.
    pub fn target(&self) -> Cow<'_, str> {
        if !self.from_plan {
            return Cow::Borrowed(&self.path);
        }
        let path = self.path.split('#').next().unwrap_or_default();
        percent_decode_str(path)
            .decode_utf8()
            .unwrap_or(Cow::Borrowed(path))
    }
}

/// A box: `[ ]`, `[x]` or `[X]` at the start of a list item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkbox {
    /// The item's own text, without the box and without nested items.
    pub text: Span,
    /// Whether it is ticked.
    pub done: bool,
    /// The byte between the brackets.
    pub offset: usize,
}

impl Checkbox {
    /// The item's text on one line.
    pub fn text(&self, source: &Source) -> String {
        one_line(source.slice(&self.text))
    }
}

/// Boxes under one heading.
#[derive(Debug)]
pub struct Checklist {
    /// The headings from level 2 down to the one that the boxes stand under.
    pub heading: Vec<Span>,
    /// The boxes.
    pub boxes: Vec<Checkbox>,
}

impl Checklist {
    /// The headings' texts, outermost first.
    pub fn path(&self, source: &Source) -> Vec<String> {
        self.heading
            .iter()
            .map(|span| one_line(source.slice(span)))
            .collect()
    }
}

/// A phase: what its steps have in common.
#[derive(Debug)]
pub struct Phase {
    /// Its number; steps that stand outside any phase get the phase of their first number.
    pub number: Number,
    /// The title after the number.
    pub title: Span,
    /// The heading. For a phase that only its steps speak of, that of its first step.
    pub heading: Span,
    /// What it is for.
    pub goal: Option<Span>,
    /// What must be done before any of its steps.
    pub dependencies: Vec<Dependency>,
    /// Whether it says anything of dependencies (`None` counts): if not, it waits for the phase before it.
    pub says_dependencies: bool,
    /// Boxes to be confirmed before the next phase.
    pub completion: Vec<Checkbox>,
    /// In the order of the file.
    pub steps: Vec<Step>,
}

/// A step: one turn of the loop.
#[derive(Debug)]
pub struct Step {
    /// Its number.
    pub id: Number,
    /// The title after the number.
    pub title: Span,
    /// The heading's line.
    pub heading: Span,
    /// Heading and all that belongs to the step.
    pub span: Span,
    /// What it is for.
    pub goal: Option<Span>,
    /// What it creates and modifies.
    pub files: Vec<FileEntry>,
    /// What the model is asked.
    pub prompt: Option<Quoted>,
    /// Boxes under `Tasks`.
    pub tasks: Vec<Checkbox>,
    /// Boxes under `Validation Criteria`.
    pub criteria: Vec<Checkbox>,
    /// Boxes anywhere else in the step.
    pub other: Vec<Checkbox>,
    /// What must be done before.
    pub dependencies: Vec<Dependency>,
    /// The blocks of the success check.
    pub checks: Vec<CheckBlock>,
    /// How to undo the step.
    pub rollback: Vec<Span>,
}

impl Step {
    /// Every box of the step.
    pub fn boxes(&self) -> impl Iterator<Item = &Checkbox> {
        self.tasks.iter().chain(&self.criteria).chain(&self.other)
    }

    /// A step is done when it has at least one box among its tasks and criteria and all of them are ticked. 0 of 0 is
    /// never done.
    pub fn is_done(&self) -> bool {
        let mut boxes = self.tasks.iter().chain(&self.criteria).peekable();
        boxes.peek().is_some() && boxes.all(|b| b.done)
    }
}

impl Phase {
    /// A phase is done when all its steps are and its completion criteria are ticked. One that has neither holds nobody
    /// up.
    pub fn is_done(&self) -> bool {
        self.steps.iter().all(Step::is_done) && self.completion.iter().all(|b| b.done)
    }
}

/// Text that stands in a code span, a fence, or a plain paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quoted {
    /// The code span with its backticks.
    Code(Span),
    /// The content of a fence.
    Fence(FenceText),
    /// Plain words.
    Plain(Span),
}

impl Quoted {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Code(span) | Self::Plain(span) => span.clone(),
            Self::Fence(fence) => fence.span.clone(),
        }
    }

    /// The text itself.
    pub fn text(&self, source: &Source) -> String {
        match self {
            Self::Code(span) => code_text(source.slice(span)),
            Self::Fence(fence) => fence.text(source).trim_end().to_owned(),
            Self::Plain(span) => one_line(source.slice(span)),
        }
    }
}

/// The content of a fence: whole lines, and how far they are indented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FenceText {
    /// The lines between the fences.
    pub span: Span,
    /// Columns of white space before the opening fence, taken off every line.
    pub indent: usize,
}

impl FenceText {
    /// The content with line feeds as line ends.
    pub fn text(&self, source: &Source) -> String {
        let mut text = String::with_capacity(self.span.len());
        for line in source.slice(&self.span).split_inclusive('\n') {
            let (body, end) = match line.strip_suffix('\n') {
                Some(body) => (body.strip_suffix('\r').unwrap_or(body), "\n"),
                None => (line, ""),
            };
            let white = body.bytes().take(self.indent).take_while(|b| *b == b' ').count();
            text.push_str(&body[white..]);
            text.push_str(end);
        }
        text
    }
}

/// One block of a success check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckBlock {
    /// The first word of the fence's info string; empty where there is none, and for a code span.
    pub language: Span,
    /// The script.
    pub script: Quoted,
}

impl CheckBlock {
    /// Byte of the first line of the script.
    pub fn start(&self) -> usize {
        self.script.span().start
    }

    /// The script with line feeds as line ends.
    pub fn text(&self, source: &Source) -> String {
        match &self.script {
            Quoted::Fence(fence) => fence.text(source),
            other => other.text(source),
        }
    }
}

/// A file that a step creates or modifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// The path as written.
    pub path: Span,
    /// The first word in the parentheses: `new`, `modify`, `move`, …
    pub action: Option<Span>,
    /// The rest of the parentheses.
    pub note: Option<Span>,
}

/// What a step or a phase waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The text as written.
    pub text: Span,
    /// Whether there is more in the text than steps and phases: something that only a person can vouch for.
    pub external: bool,
    /// Steps that it names.
    pub steps: Vec<Number>,
    /// Phases that it names.
    pub phases: Vec<Number>,
}

/// The content of a code span by the rules of CommonMark: line ends are spaces, and one space is taken off either end
/// when there is one at both.
fn code_text(span: &str) -> String {
    let ticks = span.bytes().take_while(|b| *b == b'`').count();
    let inner = span.get(ticks..span.len().saturating_sub(ticks)).unwrap_or(span);
    let inner = inner.replace("\r\n", " ").replace('\n', " ");
    match inner.strip_prefix(' ').and_then(|rest| rest.strip_suffix(' ')) {
        Some(rest) if !rest.trim().is_empty() => rest.to_owned(),
        _ => inner,
    }
}

/// Markdown on one line: line ends and the indentation after them become one space, and the mark of a hard break goes.
pub(crate) fn one_line(text: &str) -> String {
    let mut lines = text.lines().map(|line| {
        let line = line.trim();
        line.strip_suffix('\\').map_or(line, str::trim_end)
    });
    let mut joined = lines.next().unwrap_or_default().to_owned();
    for line in lines.filter(|line| !line.is_empty()) {
        joined.push(' ');
        joined.push_str(line);
    }
    joined
}
