//! Boxes that were ticked before what they depend on.

use crate::plan::{Finding, Plan, Progress, Waiting};
use crate::words::Source;

/// Looks at every step that has ticks and is not done, or is done too early.
pub(super) fn look(plan: &Plan, source: &Source, found: &mut Vec<Finding>) {
    let progress = Progress::of(plan);
    for phase in &plan.phases {
        let opening = progress.opening(phase);
        for step in &phase.steps {
            let Some(first) = step.boxes().find(|checkbox| checkbox.done) else {
                continue;
            };
            let waiting = progress.waiting(&opening, step);
            if waiting.is_empty() {
                continue;
            }
            let names: Vec<String> = waiting.iter().map(Waiting::to_string).collect();
            let names = names.join(", ");
            found.push(Finding::new(
                first.offset.saturating_sub(1)..first.offset + 2,
                "ticked-early",
                format!(
                    "a box of step {} is ticked, and the step waits for {names}",
                    step.id
                ),
                format!(
                    "{names} not done: {}",
                    crate::plan::one_line(source.slice(&first.text))
                ),
                "untick it, do first what it waits for, or mend the step's dependencies",
            ));
        }
    }
}
