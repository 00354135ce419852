use super::subject::Subject;
use crate::words::{Exit, Failure};

/// A step would be sent that is with a batch engine already: what now?
#[derive(Debug)]
pub struct OutstandingQuestion<'a> {
    /// The step.
    pub subject: &'a Subject,
    /// What its batch is known by.
    pub mark: &'a str,
}

/// The verdict on such a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutstandingVerdict {
    /// It waits for the batch, on record.
    Wait,
    /// It is sent again: both may be billed.
    SendAgain,
}

impl OutstandingQuestion<'_> {
    /// Why a session ends that has nobody to ask.
    pub(super) fn refused(&self) -> Failure {
        let (step, mark) = (&self.subject.step, self.mark);
        let text = format!(
            "step {step} is with batch {mark}, and the record of the plan does not know it: it was put aside or damaged"
        );
        Failure::new(Exit::NeedsHuman, "out-already", text)
            .help(
                "nothing was sent; run at a terminal to wait for its reply all the same, or to send it again",
            )
            .help(format!(
                "`stepgate batch cancel {mark} --forget` gives up on the batch, which may be billed"
            ))
    }
}
