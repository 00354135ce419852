//! What the record has of a plan, for the prompt that closes it.

use super::subject::FINAL;
use super::turn::Turn;
use crate::documents;
use crate::plan::Plan;
use crate::prompt::{Closed, ClosedStep, Filled, Material, Prompt, Template};
use crate::state::{By, Entry, How, Record};
use crate::words::{Failure, Source};

/// The prompt that closes the plan.
pub(super) fn prompt(turn: &Turn<'_, '_>) -> Result<Prompt, Failure> {
    let desk = &turn.session.desk;
    let (plan, source) = (&turn.reading.plan, &turn.reading.source);
    let documents = documents::of_plan(plan, source, &desk.root, &desk.file, &desk.options.context)?;
    let real = desk.file.real();
    let path = real
        .strip_prefix(desk.root.path())
        .unwrap_or(real)
        .to_string_lossy()
        .into_owned();
    let filled = Filled::default();
    let material = Material {
        templates: &desk.templates,
        // No agent is given it: it is a model that writes, or the person.
        role: Template::System,
        plan,
        source,
        path: &path,
        documents: &documents,
        filled: &filled,
    };
    let asked = plan
        .final_prompt
        .as_ref()
        .map(|prompt| prompt.text(source))
        .unwrap_or_default();
    let steps = steps(plan, source, desk.journal.entries());
    let open: Vec<String> = desk
        .journal
        .entries()
        .iter()
        .filter_map(|entry| match &entry.record {
            Record::Left { boxes, reason } => Some((boxes, reason)),
            _ => None,
        })
        .flat_map(|(boxes, reason)| boxes.iter().map(move |address| (address, reason)))
        .filter(|(address, _)| address.find(plan, source).is_some_and(|checkbox| !checkbox.done))
        .map(|(address, reason)| format!("{} ({reason})", address.text))
        .collect();
    let closed = Closed {
        prompt: &asked,
        steps: &steps,
        open: &open,
    };
    material.closing(&closed, (FINAL, turn.memory.attempt), &desk.options.terms)
}

fn steps(plan: &Plan, source: &Source, entries: &[Entry]) -> Vec<ClosedStep> {
    let of = |id: &str| {
        let mut checked = None;
        let mut by = None;
        for entry in entries.iter().filter(|entry| entry.record.step() == Some(id)) {
            match &entry.record {
                Record::Checked { check, .. } => checked = Some((check, &entry.at)),
                Record::Confirmed { by: who, .. } => by = Some(who),
                _ => {}
            }
        }
        let check = match checked {
            None => "ticked without a check on record".to_owned(),
            Some((check, at)) if check.how == How::ByHand => {
                format!("a person says that they verified it, {at}")
            }
            Some((check, at)) => format!(
                "its check {}, {at}",
                if check.is_certain() {
                    "passed"
                } else {
                    &check.outcome
                }
            ),
        };
        match by {
            Some(By::Person(user)) => format!("{check}; confirmed by {user}"),
            Some(By::Attested(user)) => format!("{check}; nobody looked, {user} vouched beforehand"),
            Some(By::Unattended) => format!("{check}; nobody looked"),
            None => check,
        }
    };
    plan.steps()
        .map(|(_, step)| {
            let id = step.id.to_string();
            ClosedStep {
                title: source.slice(&step.title).to_owned(),
                evidence: of(&id),
                id,
            }
        })
        .collect()
}
