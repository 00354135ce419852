//! The boxes outside the steps: each list has its moment.

use super::commit;
use super::event::Event;
use super::gate::{Answer, ListQuestion, Moment};
use super::session::Session;
use super::ticking::{TickSet, tick_in};
use crate::plan::{Address, Checkbox, List, Plan, Step};
use crate::plan_file::Reading;
use crate::state::Record;
use crate::words::Source;

/// Asks for the first list of a moment that has a box which was not asked in it yet. Says whether one was asked: the plan
/// has changed then, and is to be read again.
pub(crate) fn ask(session: &mut Session<'_>, reading: &Reading, moment: Moment) -> Answer<bool> {
    let source = &reading.source;
    for (list, heading) in List::checklists(&reading.plan, source) {
        if moment == Moment::Before && !is_before(&heading) {
            continue;
        }
        let open = list.addresses(&reading.plan, source, |_, checkbox| !checkbox.done);
        if ask_list(session, &heading, open, moment)? {
            return Ok(true);
        }
    }
    if moment != Moment::End {
        return Ok(false);
    }
    // Boxes of a step that nobody had to confirm for it to be done.
    for (_, step) in reading.plan.steps() {
        let list = List::Other(step.id.to_string());
        let open = list.addresses(&reading.plan, source, |_, checkbox| !checkbox.done);
        let heading = format!("Step {}: {}", step.id, source.slice(&step.title));
        if ask_list(session, &[heading], open, moment)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Asks for the completion criteria of the first phase whose steps are all done, and for the milestones that name it.
/// Says whether it was asked.
pub(crate) fn close_phase(session: &mut Session<'_>, reading: &Reading) -> Answer<bool> {
    let source = &reading.source;
    for phase in &reading.plan.phases {
        if !phase.steps.iter().all(Step::is_done) {
            continue;
        }
        let number = phase.number.to_string();
        let title = format!("Phase {number}: {}", source.slice(&phase.title));
        let list = List::Completion(number.clone());
        let open = list.addresses(&reading.plan, source, |_, checkbox| !checkbox.done);
        if ask_list(
            session,
            &[title, "Completion Criteria".to_owned()],
            open,
            Moment::PhaseEnd,
        )? {
            return Ok(true);
        }
        if !phase.is_done() || phase.steps.is_empty() {
            continue;
        }
        for (heading, open) in milestones(&reading.plan, source, &number) {
            if ask_list(session, &heading, open, Moment::Milestone)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Open milestones that name a phase.
fn milestones(plan: &Plan, source: &Source, number: &str) -> Vec<(Vec<String>, Vec<Address>)> {
    let name = format!("phase {number}");
    let names = |checkbox: &Checkbox| {
        let text = checkbox.text(source).to_ascii_lowercase();
        text.find(&name).is_some_and(|at| {
            let after = &text[at + name.len()..];
            !after.starts_with(|c: char| c.is_ascii_digit())
                && !after
                    .strip_prefix('.')
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    let of_milestones = |heading: &[String]| {
        heading
            .last()
            .is_some_and(|last| last.to_ascii_lowercase().contains("milestone"))
    };
    List::checklists(plan, source)
        .into_iter()
        .filter(|(_, heading)| of_milestones(heading))
        .map(|(list, heading)| {
            let open = list.addresses(plan, source, |_, checkbox| !checkbox.done && names(checkbox));
            (heading, open)
        })
        .collect()
}

/// Asks for the open boxes of one list, ticks what holds and records what is left and why. A box is asked once a session
/// in each moment.
fn ask_list(
    session: &mut Session<'_>,
    heading: &[String],
    open: Vec<Address>,
    moment: Moment,
) -> Answer<bool> {
    let new = open
        .iter()
        .filter(|address| !session.asked.contains(&(moment, (*address).clone())))
        .count();
    if new == 0 || (moment == Moment::Before && were_left(session, &open)) {
        return Ok(false);
    }
    session
        .asked
        .extend(open.iter().map(|address| (moment, address.clone())));
    let texts: Vec<String> = open.iter().map(|address| address.text.clone()).collect();
    let picks = session.gate.list(&ListQuestion {
        heading,
        boxes: &texts,
        moment,
    })?;
    let (yes, no): (Vec<_>, Vec<_>) = open
        .into_iter()
        .zip(&picks.ticked)
        .partition(|(_, ticked)| **ticked);
    let set = TickSet {
        boxes: yes.into_iter().map(|(address, _)| address).collect(),
        to: true,
        text: None,
        by: session.gate.by(),
        begins: true,
    };
    let place = heading.join(" › ");
    if !set.boxes.is_empty() {
        commit::announce_list(session, &place, set.by.clone())?;
    }
    tick_in(session, &set, &place)?;
    let left = no.into_iter().map(|(address, _)| address).collect();
    leave(
        session,
        &place,
        left,
        picks.reason.as_deref().unwrap_or("not said"),
    )?;
    Ok(true)
}

/// Puts on record that boxes stay open, and why.
pub(crate) fn leave(session: &mut Session<'_>, place: &str, left: Vec<Address>, reason: &str) -> Answer<()> {
    if left.is_empty() {
        return Ok(());
    }
    let boxes: Vec<String> = left.iter().map(|address| address.text.clone()).collect();
    session.desk.record(Record::Left {
        boxes: left,
        reason: reason.to_owned(),
    })?;
    session.listener.tell(&Event::Left {
        place,
        boxes: &boxes,
        reason,
    });
    Ok(())
}

/// Whether all of these boxes were left open when they were asked before, in this session or an earlier one.
fn were_left(session: &Session<'_>, open: &[Address]) -> bool {
    let entries = session.desk.journal.entries().iter();
    let left: Vec<&Address> = entries
        .filter_map(|entry| match &entry.record {
            Record::Left { boxes, .. } => Some(boxes),
            _ => None,
        })
        .flatten()
        .collect();
    open.iter().all(|address| left.contains(&address))
}

/// Whether a list is the one that is asked before the first step: `Pre-Implementation`, or one that begins `Before`.
fn is_before(heading: &[String]) -> bool {
    heading.last().is_some_and(|last| {
        let last = last.to_ascii_lowercase();
        last.starts_with("pre-implementation") || last.starts_with("before")
    })
}
