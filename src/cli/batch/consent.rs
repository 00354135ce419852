use super::yard::Yard;
use crate::cli::World;
use crate::session::Stop;
use crate::ui::Ask;
use crate::words::{Exit, Failure};

/// Asks a person at a terminal whether something is done; `yes` and `no` are the answers.
///
/// Fails with exit 4 where it is not to be done.
pub(super) fn agree(
    yard: &Yard,
    world: &World,
    question: &str,
    (yes, no): (&str, &str),
) -> Result<(), Failure> {
    let ask = Ask::new(world.ask_settings(), yard.interrupt.clone());
    match ask.choose(question, &[yes, no]) {
        Ok(0) => Ok(()),
        Ok(_) | Err(Stop::Quit) => Err(Failure::silent(Exit::NotPassed)),
        Err(Stop::Interrupted(signal)) => Err(Failure::silent(Exit::Signal(signal))),
        Err(Stop::Failure(failure)) => Err(failure),
    }
}
