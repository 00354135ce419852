use super::check_question::CheckBlock;
use super::drift::Drift;
use crate::state::CheckRecord;

/// A finished step whose check is to run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Its id.
    pub step: String,
    /// Its title.
    pub title: String,
    /// The blocks of its check; at least one can be run.
    pub blocks: Vec<CheckBlock>,
}

/// May these checks run again? They are asked about together.
#[derive(Debug)]
pub struct RecheckQuestion<'a> {
    /// What would run.
    pub steps: &'a [Finished],
    /// Where.
    pub folder: &'a str,
    /// The step that waits for them, where one does.
    pub before: Option<&'a str>,
}

/// A finished step that no longer holds, or of which that is in doubt.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// Its id.
    pub step: String,
    /// Its title.
    pub title: String,
    /// What came of its check.
    pub check: CheckRecord,
    /// What changed since it passed, where that is on record.
    pub drift: Option<Drift>,
}

impl Broken {
    /// Whether its check may have passed: only a person can say.
    pub fn is_in_doubt(&self) -> bool {
        self.check.passed
    }
}

/// These no longer hold, or are in doubt: what now?
#[derive(Debug)]
pub struct BrokenQuestion<'a> {
    /// The plan, as the user named it.
    pub plan: &'a str,
    /// Which; at least one.
    pub broken: &'a [Broken],
    /// The step that waits for them, where one does.
    pub before: Option<&'a str>,
}

/// The verdict on what no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrokenVerdict {
    /// Leave the boxes ticked; a session goes on all the same, on record.
    Leave,
    /// Untick them; in a session they come next.
    Untick,
}
