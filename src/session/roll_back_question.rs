use super::subject::Subject;
use crate::tree::{Beyond, Change, Conflict, Kept};

/// May what a step changed be put back?
#[derive(Debug)]
pub struct RollBackQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// How to undo the step, in the plan's words.
    pub rollback: &'a [String],
    /// What would be put back: files that are as the step left them.
    pub changes: &'a [Change],
    /// Files of the step that somebody else has changed since.
    pub conflicts: &'a [Conflict],
    /// What of the step cannot be put back.
    pub kept: &'a [Kept],
    /// What of it was never kept, and stays as it is.
    pub beyond: &'a [Beyond],
    /// Other files that were touched since the step began: they stay.
    pub others: &'a [String],
    /// Boxes that would be unticked.
    pub boxes: usize,
}

/// The verdict on a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RollBackVerdict {
    /// Put it back; of the conflicts, one flag each: whether it is put back too.
    PutBack(Vec<bool>),
    /// Leave everything as it is.
    Leave,
}
