//! What the record says of an earlier session, as it is told and asked about at a terminal.

use super::ask::Ask;
use super::board::Board;
use crate::session::{Answer, Stop};
use crate::words::printable_line;

/// May a record be gone on with that another machine wrote? `what` it is the record of.
pub(super) fn elsewhere(board: &Board, ask: &Ask, what: &str, host: &str) -> Answer<()> {
    board.say(format!(
        "the record of this {what} was last written on {}",
        printable_line(host)
    ));
    match ask.choose("go on here?", &["go on", "quit"])? {
        0 => Ok(()),
        _ => Err(Stop::Quit),
    }
}

/// Tells of a prompt whose answer is not known, and where that is what came of it.
pub(super) fn tell_lost(board: &Board, endpoint: &str, at: &str, partial: Option<&str>) {
    board.say(format!(
        "  the prompt was sent to {endpoint} at {at}, and the session ended before the answer"
    ));
    board.show("  a request may have been billed");
    if let Some(partial) = partial {
        // To be copied: it stays in one piece.
        board.show(format!("  what came of the answer is in {partial}"));
    }
}
