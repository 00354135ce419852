use super::consent::agree;
use super::yard::Yard;
use crate::cli::World;
use crate::words::{Exit, Failure};

/// Asks a person whether something is done to a batch, unless they agreed beforehand; `verb` is the answer that agrees.
///
/// Fails with exit 5 where there is nobody to ask, and without a word with 4 for a no.
pub(super) fn agreed(
    beforehand: bool,
    (question, verb): (&str, &str),
    yard: &Yard,
    world: &World,
) -> Result<(), Failure> {
    if beforehand {
        return Ok(());
    }
    if !world.interactive {
        let text = "a batch is cancelled only after somebody has agreed, and there is no terminal to ask at";
        return Err(Failure::new(Exit::NeedsHuman, "no-terminal", text).help("agree beforehand with `--yes`"));
    }
    agree(yard, world, question, (verb, "leave it"))
}
