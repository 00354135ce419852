use serde::Serialize;

use super::layout::Layout;
use super::output::Sink;
use super::{CustomId, ExportedPlan, ExportedStep};
use crate::words::{Digest, Failure};

/// What a document says that it is.
const SCHEMA: &str = "stepgate.export/1";

/// A JSON document a plan, each on one line.
pub(super) struct Documents;

/// A plan as a document has it, without its steps.
#[derive(Serialize)]
struct PlanView<'a> {
    schema: &'static str,
    id: &'a str,
    title: &'a str,
    path: &'a str,
}

/// A step as a document has it, without its texts.
#[derive(Serialize)]
struct StepView<'a> {
    id: &'a CustomId,
    step: &'a str,
    title: &'a str,
    phase: &'a str,
    done: bool,
    attempt: u32,
    tokens: u64,
    prompt: &'a Digest,
    text: &'a Digest,
}

impl<'a> StepView<'a> {
    fn of(step: &'a ExportedStep) -> Self {
        Self {
            id: &step.id,
            step: &step.step,
            title: &step.title,
            phase: &step.phase,
            done: step.done,
            attempt: step.attempt,
            tokens: step.tokens,
            prompt: &step.prompt,
            text: &step.text,
        }
    }
}

impl Layout for Documents {
    fn check(&self, _: &ExportedPlan) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&mut self, plan: &ExportedPlan, sink: &mut Sink<'_>) -> Result<Vec<String>, Failure> {
        let path = format!("plans/{}.json", plan.id);
        let mut sheet = sink.begin(&path)?;
        let head = opened(&PlanView {
            schema: SCHEMA,
            id: &plan.id,
            title: &plan.title,
            path: &plan.path,
        });
        let mut before = head + ",\"steps\":[";
        for step in &plan.steps {
            let view = before + &opened(&StepView::of(step));
            let parts: [&[u8]; 5] = [
                view.as_bytes(),
                b",",
                step.common.json.as_bytes(),
                step.inset().as_bytes(),
                b"\"}",
            ];
            sink.add(&mut sheet, &parts)?;
            before = ",".to_owned();
        }
        sink.add(&mut sheet, &[b"]}\n"])?;
        sink.end(sheet);
        Ok(vec![path; plan.steps.len()])
    }

    fn finish(&mut self, _: &mut Sink<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

/// An object as JSON, without the brace that closes it.
fn opened(view: &impl Serialize) -> String {
    let mut json = serde_json::to_string(view).unwrap_or_default();
    json.pop();
    json
}
