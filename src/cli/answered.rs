use super::tell::tell;
use crate::session::{Answer, Stop};
use crate::words::{Exit, Failure};

/// Takes an answer at the terminal for a command that is no session: whoever leaves a question has changed nothing, and is
/// told so; the code that the process is to return then.
pub(super) fn answered<T>(answer: Answer<T>) -> Result<Result<T, Exit>, Failure> {
    match answer {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Quit) => {
            tell("left; nothing was changed\n");
            Ok(Err(Exit::NeedsHuman))
        }
        Err(Stop::Interrupted(signal)) => Ok(Err(Exit::Signal(signal))),
        Err(Stop::Failure(failure)) => Err(failure),
    }
}
