use super::subject::Subject;
use crate::tree::Change;

/// May these files be written?
#[derive(Debug)]
pub struct ApplyQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// What would change, each as it is shown.
    pub changes: &'a [Change],
    /// Whether they were asked about before and a crash came between.
    pub again: bool,
}

/// The verdict on changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyVerdict {
    /// Write all of them.
    Apply,
    /// Write these only.
    Chosen {
        /// One flag a change of the question.
        files: Vec<bool>,
        /// Why not the others.
        reason: Option<String>,
    },
    /// This is what a file shall be. It is shown and asked about once more before anything is written.
    Edited {
        /// Which change of the question.
        file: usize,
        /// What the file shall be.
        content: String,
    },
    /// Write none: the person does the step's work.
    ByHand,
}
