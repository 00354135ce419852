use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::World;
use super::global::Global;
use super::setup::Setup;
use crate::plan::{Address, List};
use crate::session::{TickSet, tick};
use crate::state::{By, Mode};
use crate::words::{Exit, Failure, counted, shell_word};

/// Boxes of a step to tick or untick by hand, on record
#[derive(Debug, Args)]
pub(crate) struct TickArgs {
    /// The plan
    plan: PathBuf,
    /// The step, such as 1.2
    step: String,
    /// Only this task, counted from 1; may be given more than once
    #[arg(long, value_name = "N")]
    task: Vec<usize>,
    /// Only this validation criterion, counted from 1; may be given more than once
    #[arg(long, value_name = "N")]
    criterion: Vec<usize>,
}

pub(crate) fn run(args: &TickArgs, to: bool, global: &Global, world: &World) -> Result<Exit, Failure> {
    let setup = Setup::open(world, global, &args.plan, None)?;
    let reading = &setup.reading;
    reading.check()?;
    let id = setup.step(reading, &args.step)?;
    let step = id.to_string();
    let (plan, source) = (&reading.plan, &reading.source);
    let only = !args.task.is_empty() || !args.criterion.is_empty();
    let mut boxes: Vec<Address> = Vec::new();
    for (list, wanted, noun) in [
        (List::Tasks(step.clone()), &args.task, "task"),
        (List::Criteria(step.clone()), &args.criterion, "criterion"),
        (List::Other(step.clone()), &Vec::new(), "box"),
    ] {
        let count = list.boxes(plan, source).len();
        if let Some(wrong) = wanted.iter().find(|number| **number == 0 || **number > count) {
            let text = format!("step {step} has no {noun} {wrong}: it has {count}");
            return Err(Failure::new(Exit::Usage, "no-such-box", text).help(format!(
                "`stepgate show {} {step}` lists them",
                shell_word(&args.plan)
            )));
        }
        boxes.extend(list.addresses(plan, source, |index, _| !only || wanted.contains(&(index + 1))));
    }
    if boxes.is_empty() {
        let text = format!("step {step} has no boxes");
        return Err(Failure::new(Exit::Invalid, "no-boxes", text).at(source.place(
            &plan
                .step(id)
                .map(|(_, step)| step.heading.clone())
                .unwrap_or_default(),
        )));
    }
    setup.file.check_writable()?;
    let _lock = setup.lock()?;
    let mut journal = setup.journal(false)?;
    journal.add(setup.who.begins(Mode::ByHand, &setup.root))?;
    let set = TickSet {
        boxes,
        to,
        text: None,
        by: By::Person(setup.who.user.clone()),
        begins: reading.plan.status(source) == crate::plan::Status::Approved,
    };
    let written = tick(&setup.file, reading, &mut journal, &set)?;
    let (before, total) = reading.plan.tally();
    let done = if to { before + written } else { before - written };
    let word = if to { "ticked" } else { "unticked" };
    let boxes = counted(written, "box", "boxes");
    let line = format!("{boxes} of step {step} {word} by hand; {done} of {total} are ticked now\n");
    let _ = crate::outlet::stderr().write_all(line.as_bytes());
    Ok(Exit::Done)
}
