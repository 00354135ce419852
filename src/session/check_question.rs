use super::subject::Subject;
use crate::check::{Command, NotRunnable, Remark};
use crate::state::How;

/// One block of a success check, made ready for the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckBlock {
    /// The exact text.
    pub text: String,
    /// The line of the plan where it begins, from 1.
    pub line: usize,
    /// Its top-level commands.
    pub commands: Vec<Command>,
    /// Why it cannot be run, where it cannot.
    pub not_runnable: Option<NotRunnable>,
    /// Lines that do not look like commands.
    pub remarks: Vec<Remark>,
}

/// How is the step to be checked?
#[derive(Debug)]
pub struct CheckQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// The blocks of its check; none where the plan has none.
    pub blocks: &'a [CheckBlock],
    /// Where it runs.
    pub folder: &'a str,
    /// Whether an earlier run was cut off: whether it passed is not known.
    pub cut_off: bool,
    /// Whether a person may say that they verified, in place of a run.
    pub by_hand: bool,
}

impl CheckBlock {
    /// Why the block is not run, where it is only an illustration: it does not keep the others from running.
    pub fn illustration(&self) -> Option<String> {
        let language = self.not_runnable.as_ref()?.illustration()?;
        Some(format!("a `{language}` block is not run"))
    }
}

impl CheckQuestion<'_> {
    /// Why nothing can be run; `None` when at least one block can, and every other is only an illustration.
    pub fn not_runnable(&self) -> Option<String> {
        not_runnable(self.blocks)
    }
}

/// Why nothing of a check can be run; `None` when at least one block can, and every other is only an illustration.
pub(crate) fn not_runnable(blocks: &[CheckBlock]) -> Option<String> {
    if blocks.is_empty() {
        return Some("the step has no success check".to_owned());
    }
    let reasons = || blocks.iter().filter_map(|block| block.not_runnable.as_ref());
    let real = reasons().find(|why| why.illustration().is_none());
    real.or_else(|| reasons().next().filter(|_| reasons().count() == blocks.len()))
        .map(ToString::to_string)
}

/// The verdict on how to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckVerdict {
    /// Run all of it.
    All,
    /// Run these commands, by block and index.
    Chosen(Vec<(usize, usize)>),
    /// Run it in the person's own terminal.
    OwnTerminal,
    /// The person verified by hand.
    ByHand,
}

impl CheckVerdict {
    /// How the record puts it.
    pub(crate) fn how(&self, blocks: &[CheckBlock]) -> How {
        match self {
            Self::All => How::All,
            Self::OwnTerminal => How::OwnTerminal,
            Self::ByHand => How::ByHand,
            Self::Chosen(picked) => {
                let commands = picked
                    .iter()
                    .filter_map(|(block, command)| blocks.get(*block)?.commands.get(*command));
                How::Chosen(commands.map(|command| *command.lines.start()).collect())
            }
        }
    }

    /// The commands to run, where not all are.
    pub(crate) fn chosen(&self) -> Option<&[(usize, usize)]> {
        match self {
            Self::Chosen(picked) => Some(picked),
            Self::All | Self::OwnTerminal | Self::ByHand => None,
        }
    }
}
