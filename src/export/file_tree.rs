use std::fmt::Write as _;

use super::harmless;
use super::layout::Layout;
use super::output::Sink;
use super::{ExportedPlan, ExportedStep};
use crate::words::{Failure, counted};

/// A folder a plan, a file a step: the bytes that `stepgate prompt` prints. Indexes lead to them.
#[derive(Default)]
pub(super) struct FileTree {
    index: String,
}

impl Layout for FileTree {
    fn check(&self, _: &ExportedPlan) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&mut self, plan: &ExportedPlan, sink: &mut Sink<'_>) -> Result<Vec<String>, Failure> {
        let steps = plan.steps.iter().map(|step| write_step(plan, step, sink));
        let files = steps.collect::<Result<_, _>>()?;
        if !sink.is_stream() {
            self.index_of(plan, sink)?;
        }
        Ok(files)
    }

    fn finish(&mut self, sink: &mut Sink<'_>) -> Result<(), Failure> {
        if sink.is_stream() {
            return Ok(());
        }
        let index = format!("# Prompts\n\n{}", self.index);
        sink.whole("index.md".to_owned(), &[index.as_bytes()], None)
    }
}

fn write_step(plan: &ExportedPlan, step: &ExportedStep, sink: &mut Sink<'_>) -> Result<String, Failure> {
    let (shared, own) = (step.common.text.as_bytes(), step.own.as_bytes());
    let path = format!("{}/step-{}.md", plan.id, step.step);
    if sink.is_stream() {
        let head = format!("<!-- {} -->\n\n", step.id);
        sink.whole(path.clone(), &[head.as_bytes(), shared, own, b"\n\n"], None)?;
    } else {
        sink.whole(path.clone(), &[shared, own], Some(step.prompt.clone()))?;
    }
    Ok(path)
}

impl FileTree {
    /// Writes the index of a plan, and enters it in the one of all plans.
    fn index_of(&mut self, plan: &ExportedPlan, sink: &mut Sink<'_>) -> Result<(), Failure> {
        let tokens: u64 = plan.steps.iter().map(|step| step.tokens).sum();
        let size = format!(
            "{}, about {tokens} tokens",
            counted(plan.steps.len(), "prompt", "prompts")
        );
        let title = harmless::text(&plan.title);
        let mut index = format!("# {title}\n\n{}: {size}.\n", harmless::code(&plan.path));
        let mut phase = None;
        for step in &plan.steps {
            if phase != Some(&step.phase) {
                // Writing to a String cannot fail.
                let _ = write!(index, "\n## Phase {}\n\n", step.phase);
                phase = Some(&step.phase);
            }
            let _ = writeln!(
                index,
                "- [{}] [Step {id}](step-{id}.md): {}, about {} tokens",
                if step.done { 'x' } else { ' ' },
                harmless::text(&step.title),
                step.tokens,
                id = step.step,
            );
        }
        let _ = writeln!(
            self.index,
            "- [{id}]({id}/index.md): {title}, {size}",
            id = plan.id
        );
        sink.whole(format!("{}/index.md", plan.id), &[index.as_bytes()], None)
    }
}
