//! Everything wrong with a plan: why it is refused, what its author left, and what its success checks cannot do.
//!
//! Floor 4: it takes together what the plan says of itself, what the check says of a script, and what is in the tree.
//! Nothing is run here.

mod boxes;
mod fix;
mod links;
mod order;
mod prompts;
mod rule;
mod script;
mod tree;

pub use fix::Fix;
pub use prompts::move_of_plan;
pub use rule::{RULES, Rule};
pub use tree::Tree;

use crate::plan::{Finding, Plan};
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
    fixes: Vec<Fix>,
}

impl Lint {
    /// Looks at a plan; keeps its text, to show where things are. Without a `tree` it is not looked whether files that
    /// the plan names are there.
    pub fn of(plan: &Plan, source: Source, tree: Option<&Tree>) -> Self {
        let mut warnings = plan.lint(&source);
        let mut more = Vec::new();
        let mut fixes = Vec::new();
        for (_, step) in plan.steps() {
            for check in &step.checks {
                script::check(step, check, &source, &warnings, &mut more);
            }
        }
        prompts::look(plan, &source, &mut more);
        order::look(plan, &source, &mut more);
        boxes::look(&source, &mut more, &mut fixes);
        if let Some(tree) = tree {
            tree.look(plan, &source, &mut more);
            links::look(&source, tree, &mut more);
        }
        warnings.extend(more);
        warnings.sort_by_key(|finding| finding.span.start);
        Self {
            refusals: plan.verify(&source),
            warnings: bounded(warnings, &source),
            fixes,
            source,
        }
    }

    /// What can be mended without asking what was meant, in the order of the file.
    pub fn fixes(&self) -> &[Fix] {
        &self.fixes
    }

    /// The text that was looked at.
    pub fn source(&self) -> &Source {
        &self.source
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
