//! Everything wrong with a plan: why it is refused, what its author left, and what its success checks cannot do.
//!
//! Floor 4: it takes together what the plan says of itself and what the check says of a script. Nothing is run here.

use crate::check::{NotRunnable, Script};
use crate::plan::{CheckBlock, Finding, Plan, Quoted, Step};
use crate::words::{Diagnostic, Source, Span};

/// Findings of one line that are told one by one. A line of a megabyte could hold hundreds of thousands, and each shows
/// its line.
const IN_A_LINE: usize = 50;

/// What was found in a plan.
#[derive(Debug)]
pub struct Lint {
    source: Source,
    refusals: Vec<Diagnostic>,
    warnings: Vec<Finding>,
}

impl Lint {
    /// Looks at a plan; keeps its text, to show where things are.
    pub fn of(plan: &Plan, source: Source) -> Self {
        let mut warnings = plan.lint(&source);
        let mut checks = Vec::new();
        for (_, step) in plan.steps() {
            for check in &step.checks {
                lint_check(step, check, &source, &warnings, &mut checks);
            }
        }
        warnings.extend(checks);
        warnings.sort_by_key(|finding| finding.span.start);
        Self {
            refusals: plan.verify(&source),
            warnings: bounded(warnings, &source),
            source,
        }
    }

    /// How many findings keep the plan from running.
    pub fn errors(&self) -> usize {
        self.refusals.len()
    }

    /// How many do not.
    pub fn warnings(&self) -> usize {
        self.warnings.len()
    }

    /// All findings: first why the plan is refused, then the warnings in the order of the file.
    pub fn diagnostics(&self) -> impl Iterator<Item = Diagnostic> {
        let warnings = self
            .warnings
            .iter()
            .map(|finding| finding.diagnostic(&self.source));
        self.refusals.iter().cloned().chain(warnings)
    }
}

fn lint_check(step: &Step, check: &CheckBlock, source: &Source, told: &[Finding], found: &mut Vec<Finding>) {
    let text = check.text(source);
    let script = Script {
        language: source.slice(&check.language),
        text: &text,
    };
    let line = |number: usize| line_of(check, number, source);
    match script.runnable() {
        Ok(()) => {
            for remark in script.remarks() {
                let help = "look whether it does what the step needs; it is run as it stands";
                found.push(Finding::new(
                    line(remark.line),
                    "check-oddity",
                    remark.message,
                    "this line",
                    help,
                ));
            }
        }
        Err(why) => {
            // Beside a block that is run, an illustration takes nothing away.
            let runs = |check: &CheckBlock| {
                let (language, text) = (source.slice(&check.language), &check.text(source));
                Script { language, text }.runnable().is_ok()
            };
            if why.illustration().is_some() && step.checks.iter().any(runs) {
                return;
            }
            let (span, help) = match &why {
                NotRunnable::Placeholder { line: number, .. } => (line(*number), "write the command"),
                NotRunnable::NotShell(_) => (check.language.clone(), "write it as a `bash` fence"),
                _ => (
                    line(1),
                    "write at least one command, or only a person can vouch for the step",
                ),
            };
            // A placeholder is told once.
            let first = told.partition_point(|finding| finding.span.start < span.start);
            let same = |finding: &Finding| finding.is_placeholder() && finding.span.start < span.end;
            if !told[first..].iter().take(IN_A_LINE).any(same) {
                let shown = format!("the check of step {} never counts as passed", step.id);
                found.push(Finding::new(
                    span,
                    "check-not-runnable",
                    why.to_string(),
                    shown,
                    help,
                ));
            }
        }
    }
}

/// A line of a check, from 1, as bytes of the plan, without its indentation.
fn line_of(check: &CheckBlock, number: usize, source: &Source) -> Span {
    let whole = check.script.span();
    let Quoted::Fence(_) = check.script else {
        return whole;
    };
    let lines = source.slice(&whole).split_inclusive('\n');
    let before: usize = lines.take(number - 1).map(str::len).sum();
    let line = source.text()[whole.start + before..]
        .lines()
        .next()
        .unwrap_or_default();
    let start = whole.start + before + (line.len() - line.trim_start().len());
    start..start + line.trim().len()
}

/// Folds what is too much for a line into one finding.
fn bounded(warnings: Vec<Finding>, source: &Source) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::with_capacity(warnings.len());
    let (mut line_end, mut count) = (0, 0);
    let mut rest: Option<(Span, usize)> = None;
    for finding in warnings {
        if finding.span.start >= line_end {
            kept.extend(rest.take().map(|(span, count)| Finding::more(span, count)));
            let after = &source.text().as_bytes()[finding.span.start..];
            line_end = finding.span.start
                + memchr::memchr(b'\n', after)
                    .map_or(after.len(), |at| at + 1)
                    .max(1);
            count = 0;
        }
        count += 1;
        if count <= IN_A_LINE {
            kept.push(finding);
        } else {
            rest.get_or_insert((finding.span, 0)).1 += 1;
        }
    }
    kept.extend(rest.map(|(span, count)| Finding::more(span, count)));
    kept
}

#[cfg(test)]
mod tests;
