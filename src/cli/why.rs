//! `log --why`: what stands behind each tick.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::World;
use super::setup::Setup;
use crate::plan::List;
use crate::session::{self, BoxEvidence, StepEvidence};
use crate::state::{Blobs, Entry};
use crate::ui;
use crate::words::{Digest, Exit, Failure, shell_word};

/// Which boxes the evidence is asked for.
#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// Tell of each box why it is ticked: who said so and when, the check behind it, the tree, the model
    #[arg(long)]
    pub(super) why: bool,
    /// With --why: only this task of the step, counted from 1; may be given more than once
    #[arg(long, value_name = "N", requires_all = ["why", "step"])]
    task: Vec<usize>,
    /// With --why: only this validation criterion of the step, counted from 1; may be given more than once
    #[arg(long, value_name = "N", requires_all = ["why", "step"])]
    criterion: Vec<usize>,
}

/// What the user asked for.
pub(super) struct Asked<'a> {
    pub(super) boxes: &'a WhyArgs,
    pub(super) plan: &'a Path,
    pub(super) step: Option<&'a str>,
    pub(super) json: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    plan: &'a str,
    id: Option<String>,
    boxes: Vec<BoxEvidence>,
    steps: Vec<StepEvidence>,
}

/// Prints the evidence of the boxes that are asked for: of one step, or of all of the plan.
pub(super) fn run(
    args: &Asked<'_>,
    setup: &Setup,
    entries: &[Entry],
    world: &World,
) -> Result<Exit, Failure> {
    let reading = &setup.reading;
    let step = args.step.map(|id| setup.step(reading, id)).transpose()?;
    let step = step.map(|id| id.to_string());
    let mut boxes = session::evidence_of_boxes(reading, entries, &lists(setup, step.as_deref()));
    if !args.boxes.task.is_empty() || !args.boxes.criterion.is_empty() {
        only(args, &mut boxes, step.as_deref().unwrap_or_default())?;
    }
    let mut ids: Vec<&str> = boxes
        .iter()
        .filter_map(|evidence| evidence.address.list.step())
        .collect();
    ids.dedup();
    let steps: Vec<StepEvidence> = ids
        .into_iter()
        .filter_map(|id| session::evidence_of_step(id, &boxes, entries))
        .collect();
    if args.json {
        world.print_json(&Document {
            schema: "stepgate.evidence/1",
            plan: setup.file.shown(),
            id: reading.plan.id(&reading.source),
            boxes,
            steps,
        })?;
        return Ok(Exit::Done);
    }
    let blobs = setup.state.existing(&setup.file);
    let blobs = blobs
        .map(|folder| Blobs::open(folder.join("blobs")))
        .transpose()?;
    let text = |digest: &Digest| {
        let bytes = blobs.as_ref()?.get(digest).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    world.print(&ui::evidence(&boxes, &steps, world.stdout_colour, &text))?;
    Ok(Exit::Done)
}

/// The lists of a step, or all of the plan, in the order of the file.
fn lists(setup: &Setup, step: Option<&str>) -> Vec<List> {
    let of_step = |id: String| {
        [
            List::Tasks(id.clone()),
            List::Criteria(id.clone()),
            List::Other(id),
        ]
    };
    if let Some(step) = step {
        return of_step(step.to_owned()).into();
    }
    let (plan, source) = (&setup.reading.plan, &setup.reading.source);
    let mut lists = Vec::new();
    for phase in &plan.phases {
        lists.extend(phase.steps.iter().flat_map(|step| of_step(step.id.to_string())));
        lists.push(List::Completion(phase.number.to_string()));
    }
    lists.extend(List::checklists(plan, source).into_iter().map(|(list, _)| list));
    lists
}

/// Leaves the boxes that were asked for by their numbers.
fn only(args: &Asked<'_>, boxes: &mut Vec<BoxEvidence>, step: &str) -> Result<(), Failure> {
    let wanted = |evidence: &BoxEvidence| match &evidence.address.list {
        List::Tasks(_) => args.boxes.task.contains(&(evidence.address.index + 1)),
        List::Criteria(_) => args.boxes.criterion.contains(&(evidence.address.index + 1)),
        _ => false,
    };
    boxes.retain(wanted);
    if boxes.len() == args.boxes.task.len() + args.boxes.criterion.len() {
        return Ok(());
    }
    let text = format!("step {step} has no such box");
    Err(Failure::new(Exit::Usage, "no-such-box", text).help(format!(
        "`stepgate log {} {step} --why` lists them with their numbers",
        shell_word(args.plan)
    )))
}
