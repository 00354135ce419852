use super::check_question::CheckBlock;
use crate::check::{self, Script};
use crate::plan::Step;
use crate::words::{Failure, Source};

/// Makes the blocks of a step's check ready to be shown and run.
pub fn blocks(step: &Step, source: &Source) -> Result<Vec<CheckBlock>, Failure> {
    let mut blocks = Vec::new();
    for block in &step.checks {
        let text = block.text(source);
        let script = Script {
            language: source.slice(&block.language),
            text: &text,
        };
        let not_runnable = script.runnable().err();
        let illustrates = not_runnable
            .as_ref()
            .is_some_and(|why| why.illustration().is_some());
        let commands = if not_runnable.is_none() {
            check::split(&text)?
        } else {
            Vec::new()
        };
        let remarks = if illustrates { Vec::new() } else { script.remarks() };
        blocks.push(CheckBlock {
            line: source.line(block.start()),
            commands,
            not_runnable,
            remarks,
            text,
        });
    }
    Ok(blocks)
}

/// The whole text of a check: what consent is bound to, and what the record names.
pub fn whole(blocks: &[CheckBlock]) -> String {
    let texts: Vec<&str> = blocks.iter().map(|block| block.text.as_str()).collect();
    texts.join("\n")
}
