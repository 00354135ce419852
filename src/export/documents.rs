use serde::Serialize;

use super::layout::Layout;
use super::output::Sink;
use super::sheet::Sheet;
use super::{CustomId, ExportedPlan, ExportedStep};
use crate::words::{Digest, Failure};

/// What a document says that it is.
const SCHEMA: &str = "stepgate.export/1";

/// A JSON document a plan, each on one line.
#[derive(Default)]
pub(super) struct Documents {
    current: Option<Sheet>,
}

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

impl Layout for Documents {
    fn check(&self, _: &ExportedPlan) -> Result<(), Failure> {
        Ok(())
    }

    fn step(
        &mut self,
        plan: &ExportedPlan,
        step: &ExportedStep,
        sink: &mut Sink<'_>,
    ) -> Result<String, Failure> {
        let (sheet, before) = match &mut self.current {
            Some(sheet) => (sheet, ",".to_owned()),
            none => {
                let sheet = sink.begin(&format!("plans/{}.json", plan.id))?;
                let view = PlanView {
                    schema: SCHEMA,
                    id: &plan.id,
                    title: &plan.title,
                    path: &plan.path,
                };
                (none.insert(sheet), opened(&view) + ",\"steps\":[")
            }
        };
        let view = opened(&StepView {
            id: &step.id,
            step: &step.step,
            title: &step.title,
            phase: &step.phase,
            done: step.done,
            attempt: step.attempt,
            tokens: step.tokens,
            prompt: &step.prompt,
            text: &step.text,
        });
        let parts: [&[u8]; 6] = [
            before.as_bytes(),
            view.as_bytes(),
            b",",
            step.common.json.as_bytes(),
            step.own_json.as_bytes(),
            b"\"}",
        ];
        sink.add(sheet, &parts)?;
        Ok(sheet.path.clone())
    }

    fn plan(&mut self, _: &ExportedPlan, sink: &mut Sink<'_>) -> Result<(), Failure> {
        if let Some(mut sheet) = self.current.take() {
            sink.add(&mut sheet, &[b"]}\n"])?;
            sink.end(sheet);
        }
        Ok(())
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
