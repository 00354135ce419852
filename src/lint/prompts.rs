//! Prompts that speak of another step or another proposal than their own, and steps that move their own plan.

use std::sync::LazyLock;

use regex::Regex;

use crate::plan::{Finding, Number, Plan, Step};
use crate::words::{Source, Span};

/// `Step 1.2`, as a prompt names a step.
static STEP: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b[Ss]tep\s+(\d+(?:\.\d+){1,2})\b").ok());

/// Looks at the prompt of every step.
pub(super) fn look(plan: &Plan, source: &Source, found: &mut Vec<Finding>) {
    let id = plan.id(source).and_then(|id| Proposal::parse(&id));
    for (_, step) in plan.steps() {
        if let Some(prompt) = &step.prompt {
            let span = prompt.span();
            other_step(step, &span, source, found);
            if let Some(id) = &id {
                id.other(step, &span, source, found);
            }
        }
        moves_plan(step, source, found);
    }
}

fn other_step(step: &Step, prompt: &Span, source: &Source, found: &mut Vec<Finding>) {
    let Some(pattern) = STEP.as_ref() else { return };
    let named: Vec<(Number, Span)> = pattern
        .captures_iter(source.slice(prompt))
        .filter_map(|captures| {
            let whole = captures.get(0)?;
            let number = Number::parse(captures.get(1)?.as_str())?;
            Some((number, prompt.start + whole.start()..prompt.start + whole.end()))
        })
        .collect();
    // A prompt may well speak of other steps, as long as it speaks of its own.
    let Some((other, span)) = named.first() else {
        return;
    };
    if named.iter().all(|(number, _)| *number != step.id) {
        found.push(Finding::new(
            span.clone(),
            "prompt-step",
            format!("the prompt of step {} speaks of step {other}", step.id),
            "the model is asked for another step's work",
            format!("write `Step {}`", step.id),
        ));
    }
}

/// The id of a proposal, such as `EP-0003`: its letters and its number.
struct Proposal {
    shown: String,
    number: u64,
    pattern: Regex,
}

impl Proposal {
    fn parse(id: &str) -> Option<Self> {
        let (letters, number) = id.rsplit_once('-')?;
        let word = letters.chars().all(|c| c.is_ascii_alphanumeric());
        let pattern = format!(r"\b{letters}-(\d+)\b");
        (word && !letters.is_empty()).then_some(())?;
        Some(Self {
            shown: id.to_owned(),
            number: number.parse().ok()?,
            pattern: Regex::new(&pattern).ok()?,
        })
    }

    fn other(&self, step: &Step, prompt: &Span, source: &Source, found: &mut Vec<Finding>) {
        let named: Vec<(u64, Span)> = self
            .pattern
            .captures_iter(source.slice(prompt))
            .filter_map(|captures| {
                let whole = captures.get(0)?;
                let number = captures.get(1)?.as_str().parse().ok()?;
                Some((number, prompt.start + whole.start()..prompt.start + whole.end()))
            })
            .collect();
        let Some((_, span)) = named.first() else { return };
        if named.iter().all(|(number, _)| *number != self.number) {
            let message = format!(
                "the prompt of step {} speaks of `{}`, and this is `{}`",
                step.id,
                source.slice(span),
                self.shown
            );
            found.push(Finding::new(
                span.clone(),
                "prompt-proposal",
                message,
                "another proposal",
                format!("write `{}`", self.shown),
            ));
        }
    }
}

/// A plan that is moved while its steps are run is lost to the session.
fn moves_plan(step: &Step, source: &Source, found: &mut Vec<Finding>) {
    if let Some(span) = move_of_plan(step, source) {
        found.push(Finding::new(
            span,
            "moves-plan",
            format!("step {} moves the plan that it stands in", step.id),
            "the plan that is being run",
            "take the move out of the steps: `stepgate finish` makes it, and ticks this step in the plan that it moved",
        ));
    }
}

/// Where a step says that it moves the plan that it stands in: a file of it, or a line of its check.
pub fn move_of_plan(step: &Step, source: &Source) -> Option<Span> {
    let name = std::path::Path::new(source.path())
        .file_name()
        .unwrap_or_default();
    let name = name.to_string_lossy();
    let files = step.files.iter().filter(|file| {
        let action = file.action.as_ref().map(|span| source.slice(span).to_lowercase());
        let moved = action.is_some_and(|action| action == "move" || action == "moved");
        moved && is_plan(source.slice(&file.path), &name)
    });
    let checks = step.checks.iter().filter_map(|check| {
        let span = check.script.span();
        let mut start = span.start;
        for line in source.slice(&span).split_inclusive('\n') {
            let words: Vec<&str> = line.split_whitespace().collect();
            let moves = words.contains(&"mv") && words.iter().any(|word| word.ends_with(&*name));
            if moves && !line.trim_start().starts_with('#') {
                let at = start + (line.len() - line.trim_start().len());
                return Some(at..at + line.trim().len());
            }
            start += line.len();
        }
        None
    });
    files.map(|file| file.path.clone()).chain(checks).next()
}

/// Whether a path names this plan in another folder: its own name, or the proposal's short one.
fn is_plan(path: &str, name: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let id = |name: &str| name.split('-').take(2).collect::<Vec<_>>().join("-");
    let short = file.contains("implementation") && id(file) == id(name);
    file == name || short
}
