use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::World;
use super::named_step::named_step;
use crate::plan::{PlanView, StepView};
use crate::plan_file::{PlanFile, Reading};
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
struct StepDocument {
    schema: &'static str,
    #[serde(flatten)]
    step: StepView,
}

/// Shows the plan. One that is refused is shown too, as far as it was read, before it is told why.
pub(super) fn run(args: &ShowArgs, world: &World) -> Result<Exit, Failure> {
    let Reading { source, plan } = PlanFile::find(&args.plan)?.read()?;
    let step = args
        .step
        .as_deref()
        .map(|id| named_step(&plan, id, &args.plan))
        .transpose()?;
    let paint = Paint::new(world.stdout_colour);
    match (step, args.json) {
        (None, true) => world.print_json(&PlanView::of(&plan, &source))?,
        (None, false) => sheet::plan(&plan, &source, paint, |text| world.print(text))?,
        (Some((phase, step)), true) => {
            let step = StepView::of(&plan, phase, step, &source);
            world.print_json(&StepDocument {
                schema: "stepgate.step/1",
                step,
            })?;
        }
        (Some((phase, step)), false) => world.print(&sheet::step(&plan, phase, step, &source, paint))?,
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
