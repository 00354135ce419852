//! What a success check says, for who wrote it.

use crate::check::{NotRunnable, Script};
use crate::plan::{CheckBlock, Finding, Quoted, Step};
use crate::words::{Source, Span};

/// What a success check cannot do, and what is odd about it. `told` are the findings so far, in the order of the file.
pub(super) fn check(
    step: &Step,
    check: &CheckBlock,
    source: &Source,
    told: &[Finding],
    found: &mut Vec<Finding>,
) {
    let text = check.text(source);
    let script = Script {
        language: source.slice(&check.language),
        text: &text,
    };
    let line = |number: usize| line_of(check, number, source);
    match script.runnable() {
        Ok(()) => {
            for remark in script.remarks() {
                let oddity = remark.oddity;
                found.push(Finding::new(
                    line(remark.line),
                    oddity.rule(),
                    oddity.message(),
                    "it is run as it stands",
                    oddity.help(),
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
            if !told[first..].iter().take(super::IN_A_LINE).any(same) {
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
