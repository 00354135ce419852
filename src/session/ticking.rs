//! The tick: the plan is read afresh, the box is compared, one byte is written.

use super::event::Event;
use super::gate::Answer;
use super::session::Session;
use crate::plan::{Address, Number, Splice, Status, Tick};
use crate::plan_file::{PlanFile, Reading};
use crate::state::{By, Journal, Record};
use crate::words::{Digest, Exit, Failure};

/// Boxes to tick or untick, and what they were decided on.
pub struct TickSet {
    /// Which.
    pub boxes: Vec<Address>,
    /// Ticked or unticked.
    pub to: bool,
    /// The step's text with all boxes open, where they are of one step.
    pub text: Option<Digest>,
    /// Who said so.
    pub by: By,
    /// Whether the work on the plan begins with it: an Approved plan is then In Progress, and so is one that a person
    /// agreed to run all the same.
    pub begins: bool,
}

/// Ticks boxes, on record before and after, and moves the header with them. `reading` is the plan as it was just read;
/// its lines are compared once more when they are written. Returns how many bytes were written.
pub fn tick(
    file: &PlanFile,
    reading: &Reading,
    journal: &mut Journal,
    set: &TickSet,
) -> Result<usize, Failure> {
    // Looked for before it is announced: what cannot be found is not promised.
    let ticks = decide(file, reading, &set.boxes, set.to, set.text.as_ref())?;
    let (boxes, to) = (set.boxes.clone(), set.to);
    journal.add(Record::TickIntent {
        boxes,
        to,
        text: set.text.clone(),
        by: set.by.clone(),
    })?;
    file.tick(&ticks)?;
    if !ticks.is_empty() {
        move_header(file, reading, set.begins)?;
    }
    journal.add(Record::Ticked {
        boxes: set.boxes.clone(),
        to,
    })?;
    Ok(ticks.len())
}

/// Ticks boxes in a session, on a fresh reading of the plan, and tells it.
pub(crate) fn tick_in(session: &mut Session<'_>, set: &TickSet, place: &str) -> Answer<()> {
    if set.boxes.is_empty() {
        return Ok(());
    }
    let reading = session.desk.file.read_valid()?;
    let boxes = tick(&session.desk.file, &reading, &mut session.desk.journal, set)?;
    let (done, total) = reading.plan.tally();
    session.listener.tell(&Event::Ticked {
        place,
        boxes,
        done: done + boxes,
        total,
    });
    Ok(())
}

/// Finishes the ticks that a crash cut off: consent was given and is on record.
///
/// Fails with exit 11 when the boxes are no longer what they were; the intent is void then, and asked anew next time.
pub(crate) fn finish_pending(session: &mut Session<'_>) -> Answer<()> {
    let last = session
        .desk
        .journal
        .entries()
        .iter()
        .rev()
        .find_map(|entry| match &entry.record {
            Record::TickIntent { boxes, to, text, .. } => Some(Some((boxes.clone(), *to, text.clone()))),
            Record::Ticked { .. } => Some(None),
            _ => None,
        });
    let Some(Some((boxes, to, text))) = last else {
        return Ok(());
    };
    let reading = session.desk.file.read_valid()?;
    match decide(&session.desk.file, &reading, &boxes, to, text.as_ref()) {
        Ok(ticks) => {
            session.desk.file.tick(&ticks)?;
            move_header(&session.desk.file, &reading, true)?;
            let step = boxes
                .iter()
                .find_map(|address| address.list.step().map(str::to_owned));
            session.desk.record(Record::Ticked { boxes, to })?;
            finish_step(session, step.filter(|_| text.is_some()))?;
            session
                .listener
                .note("the boxes that the last session was ticking when it ended are ticked");
            Ok(())
        }
        Err(failure) => {
            session.desk.record(Record::Ticked {
                boxes: Vec::new(),
                to,
            })?;
            Err(failure.into())
        }
    }
}

/// Puts on record that a step is done whose last ticks a crash cut off.
fn finish_step(session: &mut Session<'_>, step: Option<String>) -> Answer<()> {
    let Some(step) = step else { return Ok(()) };
    let reading = session.desk.file.read_valid()?;
    if session.desk.find(&reading, &step)?.step.is_done() {
        session.desk.record(Record::Done { step })?;
    }
    Ok(())
}

/// The bytes to write for these boxes in this reading. A box that is so already needs none.
///
/// Fails with exit 11 when a box is gone or another, or when the step's text is not what was consented to.
pub(crate) fn decide(
    file: &PlanFile,
    reading: &Reading,
    boxes: &[Address],
    to: bool,
    text: Option<&Digest>,
) -> Result<Vec<Tick>, Failure> {
    let source = &reading.source;
    let changed = |what: String| {
        Failure::new(
            Exit::Changed,
            "plan-changed",
            format!("`{}` changed: {what}", file.shown()),
        )
        .help("nothing was ticked; run again to look at the step as it stands now")
    };
    let step = boxes.iter().find_map(|address| address.list.step());
    if let (Some(step), Some(text)) = (step, text) {
        let found = Number::parse(step).and_then(|id| reading.plan.step(id));
        match found {
            None => return Err(changed(format!("step {step} is gone"))),
            Some((_, now)) if now.fingerprint(source) != *text => {
                return Err(
                    changed(format!("the text of step {step} is not what was confirmed"))
                        .at(source.place(&now.heading)),
                );
            }
            Some(_) => {}
        }
    }
    let mut ticks = Vec::new();
    for address in boxes {
        let Some(checkbox) = address.find(&reading.plan, source) else {
            return Err(changed(format!(
                "the box `{}` is gone or reads otherwise",
                address.text
            )));
        };
        ticks.extend(Tick::of(checkbox, to, source));
    }
    Ok(ticks)
}

/// Status becomes In Progress and Updated today. The later of the two is written first, so that both stand where
/// `reading` has them.
fn move_header(file: &PlanFile, reading: &Reading, begins: bool) -> Result<(), Failure> {
    let (header, source) = (&reading.plan.header, &reading.source);
    let status = match reading.plan.status(source) {
        Status::Approved | Status::Early if begins => {
            Splice::field(header.status.as_ref(), "In Progress", source)
        }
        Status::Approved | Status::Early | Status::InProgress | Status::Completed | Status::Unknown => None,
    };
    let today = jiff::Zoned::now().date().to_string();
    let updated = Splice::date(header.updated.as_ref(), &today, source);
    let mut splices: Vec<Splice> = status.into_iter().chain(updated).collect();
    splices.sort_by_key(|splice| std::cmp::Reverse(splice.span.start));
    splices.iter().try_for_each(|splice| file.splice(splice))
}
