use std::fmt::Display;
use std::io::Write as _;

use console::Term;

use super::fit::for_screen;
use super::paint::Paint;
use crate::prompt::Prompt;
use crate::session::{CheckBlock, CheckQuestion};
use crate::tree::{self, Change, LineKind};
use crate::words::{printable, printable_line};

/// A screen with fewer rows has no room for a pager: there, lines are printed.
const SMALLEST: usize = 6;

/// What a person is shown before a question: prompts, changes, checks, as they are.
pub(crate) struct Board {
    paint: Paint,
}

impl Board {
    pub(crate) fn new(colour: bool) -> Self {
        Self {
            paint: Paint::new(colour),
        }
    }

    /// Shows text on standard error. A terminal that is gone ends the session at the next question.
    pub(crate) fn show(&self, text: impl Display) {
        let mut out = crate::outlet::stderr();
        let _ = writeln!(out, "{text}");
    }

    pub(crate) fn show_prompt(&self, prompt: &Prompt) {
        self.show(self.paint.faint("──── system"));
        self.show(printable(&prompt.request.system));
        self.show(self.paint.faint("──── user"));
        self.show(printable(&prompt.request.user()));
        self.show(self.paint.faint("────"));
    }

    /// The difference that changes make, line by line.
    pub(crate) fn changes(&self, changes: &[Change]) -> Vec<String> {
        let lines = changes.iter().flat_map(|change| tree::diff(change).lines);
        lines
            .map(|line| match line.kind {
                LineKind::File => self.paint.title(&line.text).to_string(),
                LineKind::Hunk => self.paint.faint(&line.text).to_string(),
                LineKind::Added => self.paint.good(&line.text).to_string(),
                LineKind::Removed => self.paint.bad(&line.text).to_string(),
                LineKind::Context | LineKind::Note => line.text,
            })
            .collect()
    }

    /// Whether lines fit on the screen, with room for a question below them. Where there is no screen they do.
    pub(crate) fn fits(&self, lines: &[String]) -> bool {
        let Some((rows, columns)) = Term::stderr().size_checked() else {
            return true;
        };
        if usize::from(rows) < SMALLEST {
            return true;
        }
        let columns = usize::from(columns).max(1);
        let taken = |line: &String| console::measure_text_width(line).div_ceil(columns).max(1);
        lines.iter().map(taken).sum::<usize>() + 2 <= usize::from(rows)
    }

    /// Shows words of ours, and of plans, broken between words where the screen ends.
    pub(crate) fn say(&self, text: impl Display) {
        self.show(for_screen(&text.to_string()));
    }

    pub(crate) fn show_rollback(&self, rollback: &[String]) {
        if !rollback.is_empty() {
            self.show("  the plan says how to undo this step:");
            for line in rollback {
                self.say(format!("  - {}", printable_line(line)));
            }
        }
    }

    pub(crate) fn show_check(&self, question: &CheckQuestion<'_>) {
        self.show_blocks(question.blocks, question.folder);
    }

    pub(crate) fn show_blocks(&self, blocks: &[CheckBlock], folder: &str) {
        for block in blocks {
            let place = match block.illustration() {
                Some(why) => format!(
                    "  success check, line {} of the plan: {}",
                    block.line,
                    printable_line(&why)
                ),
                None => format!(
                    "  success check, line {} of the plan, to be run in {}",
                    block.line, folder
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
                    remark.oddity.message(),
                    printable_line(&remark.text)
                );
                self.say(self.paint.warn(&text));
            }
        }
    }
}
