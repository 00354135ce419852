use std::fmt::Display;
use std::io::Write as _;

use super::paint::Paint;
use crate::prompt::Prompt;
use crate::session::{ApplyQuestion, CheckQuestion};
use crate::tree::{self, LineKind};
use crate::words::{printable, printable_line};

/// What a person is shown before a question: prompts, changes, checks, as they are.
pub(super) struct Board {
    paint: Paint,
}

impl Board {
    pub(super) fn new(colour: bool) -> Self {
        Self {
            paint: Paint::new(colour),
        }
    }

    /// Shows text on standard error. A terminal that is gone ends the session at the next question.
    pub(super) fn show(&self, text: impl Display) {
        let mut out = std::io::stderr().lock();
        let _ = writeln!(out, "{text}");
    }

    pub(super) fn show_prompt(&self, prompt: &Prompt) {
        self.show(self.paint.faint("──── system"));
        self.show(printable(&prompt.request.system));
        self.show(self.paint.faint("──── user"));
        self.show(printable(&prompt.request.user));
        self.show(self.paint.faint("────"));
    }

    pub(super) fn show_changes(&self, question: &ApplyQuestion<'_>) {
        for change in question.changes {
            for line in tree::diff(change).lines {
                self.show(match line.kind {
                    LineKind::File => self.paint.title(&line.text).to_string(),
                    LineKind::Hunk => self.paint.faint(&line.text).to_string(),
                    LineKind::Added => self.paint.good(&line.text).to_string(),
                    LineKind::Removed => self.paint.bad(&line.text).to_string(),
                    LineKind::Context | LineKind::Note => line.text,
                });
            }
        }
    }

    pub(super) fn show_rollback(&self, rollback: &[String]) {
        if !rollback.is_empty() {
            self.show("  the plan says how to undo this step:");
            for line in rollback {
                self.show(format!("  - {}", printable_line(line)));
            }
        }
    }

    pub(super) fn show_check(&self, question: &CheckQuestion<'_>) {
        for block in question.blocks {
            let place = match block.illustration() {
                Some(why) => format!(
                    "  success check, line {} of the plan: {}",
                    block.line,
                    printable_line(&why)
                ),
                None => format!(
                    "  success check, line {} of the plan, to be run in {}",
                    block.line, question.folder
                ),
            };
            self.show(self.paint.faint(&place));
            for (index, line) in block.text.lines().enumerate() {
                self.show(format!(
                    "  {} {}",
                    self.paint.faint(&format!("{:>4} │", index + 1)),
                    printable(line)
                ));
            }
            for remark in &block.remarks {
                let text = format!(
                    "  line {}: {}: {}",
                    remark.line,
                    remark.message,
                    printable_line(&remark.text)
                );
                self.show(self.paint.warn(&text));
            }
        }
    }
}
