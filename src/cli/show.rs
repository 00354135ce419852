use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::World;
use super::global::Global;
use super::named_step::named_step;
use super::standing::{Standing, records};
use crate::plan::{PlanView, StepView};
use crate::plan_file::{PlanFile, Reading};
use crate::session::Parcel;
use crate::ui::{Paint, sheet};
use crate::words::{Exit, Failure};

/// Show a plan, or one step of it, as stepgate reads it
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The plan's Markdown file
    plan: PathBuf,
    /// The number of a step, such as 1.2
    step: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct PlanDocument {
    #[serde(flatten)]
    plan: PlanView,
    /// Steps that are with a batch, and those whose replies wait.
    waiting: Vec<Parcel>,
}

#[derive(Serialize)]
struct StepDocument {
    schema: &'static str,
    #[serde(flatten)]
    step: StepView,
    /// Whether it is with a batch, or its reply waits.
    waiting: Option<Parcel>,
}

/// Shows the plan. One that is refused is shown too, as far as it was read, before it is told why.
pub(super) fn run(args: &ShowArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let file = PlanFile::find(&args.plan)?;
    let reading = file.read()?;
    let waiting = Standing::of(&file, &reading, records(global, world).as_ref()).waiting;
    let Reading { source, plan } = reading;
    let step = args
        .step
        .as_deref()
        .map(|id| named_step(&plan, id, &args.plan))
        .transpose()?;
    let paint = Paint::new(world.stdout_colour);
    match (step, args.json) {
        (None, true) => world.print_json(&PlanDocument {
            plan: PlanView::of(&plan, &source),
            waiting,
        })?,
        (None, false) => {
            let told = sheet::Told {
                plan: &plan,
                source: &source,
                waiting: &waiting,
            };
            sheet::plan(&told, paint, |text| world.print(text))?;
        }
        (Some((phase, step)), true) => {
            let id = step.id.to_string();
            world.print_json(&StepDocument {
                schema: "stepgate.step/1",
                step: StepView::of(&plan, phase, step, &source),
                waiting: waiting.into_iter().find(|parcel| parcel.step == id),
            })?;
        }
        (Some((phase, step)), false) => {
            let told = sheet::Told {
                plan: &plan,
                source: &source,
                waiting: &waiting,
            };
            world.print(&sheet::step(&told, phase, step, paint))?;
        }
    }
    let diagnostics = plan.verify(&source);
    if diagnostics.is_empty() {
        return Ok(Exit::Done);
    }
    Err(Failure {
        exit: Exit::Invalid,
        diagnostics,
    })
}
