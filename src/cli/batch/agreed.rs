use super::yard::Yard;
use crate::cli::World;
use crate::session::Stop;
use crate::ui::Ask;
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
    let ask = Ask::new(world.stderr_colour, yard.interrupt.clone(), world.editor());
    let silent = |exit| Failure {
        exit,
        diagnostics: Vec::new(),
    };
    match ask.choose(question, &[verb, "leave it"]) {
        Ok(0) => Ok(()),
        Ok(_) | Err(Stop::Quit) => Err(silent(Exit::NotPassed)),
        Err(Stop::Interrupted(signal)) => Err(silent(Exit::Signal(signal))),
        Err(Stop::Failure(failure)) => Err(failure),
    }
}
