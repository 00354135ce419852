//! What makes a plan one that must not be run.

use std::collections::HashMap;

use super::heading::{Heading, classify};
use super::model::Flaw;
use super::{Dependency, Number, Plan};
use crate::words::{Diagnostic, Source, Span};

impl Plan {
    /// Everything for which the plan is refused: no steps, duplicate ids, dependencies on what is not there, cycles,
    /// fences and comments that swallow a step or the rest. Empty for a plan that can be run.
    pub fn verify(&self, source: &Source) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for flaw in &self.flaws {
            found.push(match flaw {
                Flaw::UnclosedFence(span) => {
                    Diagnostic::error("unclosed-fence", "a fence is opened and never closed")
                        .at(source.place(span))
                        .found("everything after this line is code")
                        .help("close it with a line of as many backticks or tildes")
                }
                Flaw::NearStep(span) => {
                    Diagnostic::error("near-step", "a heading looks like a step and is none")
                        .at(source.place(span))
                        .found("a step is `Step N.M: Title` or `Step N.M.K: Title`")
                        .help("write a colon after two or three numbers, or word the heading otherwise")
                }
                Flaw::UnclosedComment(span) => {
                    Diagnostic::error("unclosed-comment", "an HTML comment is opened and never closed")
                        .at(source.place(span))
                        .found("everything after this line is hidden")
                        .help("close it with `-->`")
                }
            });
        }
        if self.steps().next().is_none() {
            let whole = if source.text().is_empty() {
                "the file is empty"
            } else {
                "no heading `Step N.M: Title`"
            };
            found.push(
                Diagnostic::error("no-steps", "the plan has no steps")
                    .at(source.place(&(0..0)))
                    .found(whole)
                    .help("write each step as a heading such as `#### Step 1.1: Title`"),
            );
        }
        self.swallowed_steps(source, &mut found);
        let steps = self.duplicate_steps(source, &mut found);
        let phases = self.duplicate_phases(source, &mut found);
        let unknown = found.len();
        for (_, dependency) in self.dependencies() {
            unknown_references(source, dependency, &steps, &phases, &mut found);
        }
        // A cycle is looked for where every name is known: else one mistake would be told twice.
        if unknown == found.len() {
            found.extend(self.cycle(source, &steps, &phases));
        }
        found
    }

    fn dependencies(&self) -> impl Iterator<Item = (Span, &Dependency)> {
        let of_phases = self
            .phases
            .iter()
            .flat_map(|p| p.dependencies.iter().map(|d| (p.heading.clone(), d)));
        let of_steps = self
            .steps()
            .flat_map(|(_, s)| s.dependencies.iter().map(|d| (s.heading.clone(), d)));
        of_phases.chain(of_steps)
    }

    /// Steps that stand in a success check, because its fence was not closed before them: nobody would ever see them.
    fn swallowed_steps(&self, source: &Source, found: &mut Vec<Diagnostic>) {
        for (_, step) in self.steps() {
            for check in &step.checks {
                let script = check.script.span();
                let mut start = script.start;
                for line in source.slice(&script).split_inclusive('\n') {
                    let text = line.trim();
                    let heading = text.trim_start_matches('#');
                    if text.len() - heading.len() >= 2
                        && let Heading::Step(number, _) = classify(heading.trim_start())
                        // With a label below it, it is a step and no example of a heading.
                        && source.slice(&(start..script.end)).contains("\n**")
                    {
                        let message =
                            format!("step {number} stands in the success check of step {}", step.id);
                        let at = start + (line.len() - line.trim_start().len());
                        let opened = source.line(script.start).saturating_sub(1);
                        found.push(
                            Diagnostic::error("swallowed-step", message)
                                .at(source.place(&(at..at + text.len())))
                                .found("it is part of the fence above it")
                                .help(format!(
                                    "close the fence that is opened in line {opened} before this line"
                                )),
                        );
                    }
                    start += line.len();
                }
            }
        }
    }

    fn duplicate_steps(&self, source: &Source, found: &mut Vec<Diagnostic>) -> HashMap<Number, usize> {
        let mut first: HashMap<Number, (usize, Span)> = HashMap::new();
        for (index, (_, step)) in self.steps().enumerate() {
            if let Some((_, earlier)) = first.get(&step.id) {
                let line = source.line(earlier.start);
                found.push(
                    Diagnostic::error("duplicate-step", format!("there are two steps {}", step.id))
                        .at(source.place(&step.heading))
                        .found(format!("step {} again", step.id))
                        .related(source.place(earlier), "the first one")
                        .help(format!(
                            "give one of them another number (the first is at line {line})"
                        )),
                );
            } else {
                first.insert(step.id, (index, step.heading.clone()));
            }
        }
        first.into_iter().map(|(id, (index, _))| (id, index)).collect()
    }

    fn duplicate_phases(&self, source: &Source, found: &mut Vec<Diagnostic>) -> HashMap<Number, usize> {
        let mut first: HashMap<Number, usize> = HashMap::new();
        for (index, phase) in self.phases.iter().enumerate() {
            let Some(&earlier) = first.get(&phase.number) else {
                first.insert(phase.number, index);
                continue;
            };
            let earlier = &self.phases[earlier];
            let line = source.line(earlier.heading.start);
            found.push(
                Diagnostic::error(
                    "duplicate-phase",
                    format!("there are two phases {}", phase.number),
                )
                .at(source.place(&phase.heading))
                .found(format!("phase {} again", phase.number))
                .related(source.place(&earlier.heading), "the first one")
                .help(format!(
                    "give one of them another number (the first is at line {line})"
                )),
            );
        }
        first
    }

    /// Looks for steps and phases that wait for themselves.
    ///
    /// Nodes are the steps, then for each phase its end (all its steps done) and its opening (what its steps wait for).
    fn cycle(
        &self,
        source: &Source,
        steps: &HashMap<Number, usize>,
        phases: &HashMap<Number, usize>,
    ) -> Option<Diagnostic> {
        let step_count = self.steps().count();
        let end_of = |phase: usize| step_count + 2 * phase;
        let opening_of = |phase: usize| step_count + 2 * phase + 1;
        let mut waits: Vec<Vec<(usize, Option<Span>)>> = vec![Vec::new(); step_count + 2 * self.phases.len()];
        let targets = |dependency: &Dependency| {
            let of_steps = dependency.steps.iter().filter_map(|id| steps.get(id).copied());
            let of_phases = dependency
                .phases
                .iter()
                .filter_map(|id| phases.get(id).map(|at| end_of(*at)));
            let text = dependency.text.clone();
            of_steps
                .chain(of_phases)
                .map(move |at| (at, Some(text.clone())))
                .collect::<Vec<_>>()
        };
        let mut names: Vec<String> = Vec::new();
        let mut next = 0;
        for (index, phase) in self.phases.iter().enumerate() {
            for dependency in &phase.dependencies {
                waits[opening_of(index)].extend(targets(dependency));
            }
            if index > 0 && !phase.says_dependencies {
                waits[opening_of(index)].push((end_of(index - 1), None));
            }
            for step in &phase.steps {
                waits[end_of(index)].push((next, None));
                waits[next].push((opening_of(index), None));
                for dependency in &step.dependencies {
                    waits[next].extend(targets(dependency));
                }
                names.push(format!("step {}", step.id));
                next += 1;
            }
        }
        for phase in &self.phases {
            names.push(format!("phase {}", phase.number));
            names.push(String::new());
        }
        let path = find_cycle(&waits)?;
        let mut place = None;
        let mut shown: Vec<&str> = Vec::new();
        for (at, node) in path.iter().enumerate() {
            if !names[*node].is_empty() {
                shown.push(&names[*node]);
            }
            let after = path[(at + 1) % path.len()];
            let text = waits[*node]
                .iter()
                .find(|(to, _)| *to == after)
                .and_then(|(_, text)| text.clone());
            place = place.or(text);
        }
        shown.push(shown.first()?);
        let route = shown.join(" → ");
        let place = place.unwrap_or(0..0);
        Some(
            Diagnostic::error("cycle", format!("steps wait for each other: {route}"))
                .at(source.place(&place))
                .found("this closes the circle")
                .help("take one of these dependencies out of the plan"),
        )
    }
}

fn unknown_references(
    source: &Source,
    dependency: &Dependency,
    steps: &HashMap<Number, usize>,
    phases: &HashMap<Number, usize>,
    found: &mut Vec<Diagnostic>,
) {
    let unknown_steps = dependency
        .steps
        .iter()
        .filter(|id| !steps.contains_key(id))
        .map(|id| ("step", id));
    let unknown_phases = dependency
        .phases
        .iter()
        .filter(|id| !phases.contains_key(id))
        .map(|id| ("phase", id));
    for (kind, id) in unknown_steps.chain(unknown_phases) {
        let rule = if kind == "step" {
            "unknown-step"
        } else {
            "unknown-phase"
        };
        found.push(
            Diagnostic::error(
                rule,
                format!("a dependency names {kind} {id}, which is not in the plan"),
            )
            .at(source.place(&dependency.text))
            .found(format!(
                "no heading `{} {id}: …`",
                if kind == "step" { "Step" } else { "Phase" }
            ))
            .help(format!("correct the number, or add the {kind}")),
        );
    }
}

/// A cycle in a graph of "waits for", as its nodes in order; walks with a stack of its own, for plans are as deep as
/// they are long.
fn find_cycle(waits: &[Vec<(usize, Option<Span>)>]) -> Option<Vec<usize>> {
    const NEW: u8 = 0;
    const OPEN: u8 = 1;
    const CLOSED: u8 = 2;
    let mut colour = vec![NEW; waits.len()];
    for root in 0..waits.len() {
        if colour[root] != NEW {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(root, 0)];
        colour[root] = OPEN;
        while let Some((node, edge)) = path.last_mut() {
            let Some((target, _)) = waits[*node].get(*edge) else {
                colour[*node] = CLOSED;
                path.pop();
                continue;
            };
            *edge += 1;
            match colour[*target] {
                NEW => {
                    colour[*target] = OPEN;
                    path.push((*target, 0));
                }
                OPEN => {
                    let start = path.iter().position(|(node, _)| node == target)?;
                    return Some(path[start..].iter().map(|(node, _)| *node).collect());
                }
                _ => {}
            }
        }
    }
    None
}
