use super::tool::Tool;
use crate::interrupt::Interrupt;
use crate::session::Answer;
use crate::words::secrets;

/// The pager where `PAGER` names none; it passes colours on.
const USUAL: &str = "less -R";

/// Shows long texts.
pub(super) struct Pager {
    /// As the environment has it; empty where the person wants none.
    line: String,
    interrupt: Interrupt,
}

impl Pager {
    /// The pager that `PAGER` names, else the usual one.
    pub(super) fn new(line: Option<String>, interrupt: Interrupt) -> Self {
        Self {
            line: line.unwrap_or_else(|| USUAL.to_owned()),
            interrupt,
        }
    }

    /// The program, where there is to be one.
    pub(super) fn name(&self) -> Option<&str> {
        Some(self.line.trim()).filter(|line| !line.is_empty())
    }

    /// Shows a text, and waits until the person has seen it. Says why that was not possible, where it was not.
    pub(super) fn show(&self, text: &str) -> Answer<Result<(), String>> {
        let Some(line) = self.name() else {
            return Ok(Err("none is wanted".to_owned()));
        };
        // What is shown there goes by no door of ours.
        let text = secrets::redact(text);
        let tool = Tool {
            line,
            words: Vec::new(),
            input: Some(&text),
        };
        tool.run(&self.interrupt)
    }
}
