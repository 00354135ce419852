use std::time::{Duration, Instant};

use super::board::Board;
use super::look::Shown;
use crate::cli::World;
use crate::cli::tell::tell;
use crate::interrupt::Interrupt;
use crate::ui::Keyboard;
use crate::words::{Exit, Failure};

/// How long a key or a signal may go unheard.
const TICK: Duration = Duration::from_millis(50);

/// Looks again and again until no batch runs. Whether a person left before.
///
/// Fails without a word with 128 + n for a signal: nothing is lost by it.
pub(super) fn watch(
    shown: &mut Vec<Shown>,
    interrupt: &Interrupt,
    (world, every): (&World, Duration),
    again: &mut dyn FnMut() -> Result<Vec<Shown>, Failure>,
) -> Result<bool, Failure> {
    let mut board = Board::new(world);
    let keyboard = Keyboard::listen(world.interactive);
    let mut last = String::new();
    let left = loop {
        board.show(shown);
        if !world.stderr_is_terminal {
            let lines: String = shown.iter().map(Shown::line).collect();
            if lines != last {
                tell(&lines);
                last = lines;
            }
        }
        if !shown.iter().any(Shown::is_open) {
            break false;
        }
        let began = Instant::now();
        let mut quit = false;
        while !quit && began.elapsed() < every {
            let wait = every.saturating_sub(began.elapsed()).min(TICK);
            quit = matches!(keyboard.key(wait), Some(b'q' | b'Q' | 0x1b));
            if let Some(signal) = interrupt.raised() {
                board.end();
                drop(keyboard);
                tell("left; the batches go on, and `stepgate batch status` finds them again\n");
                return Err(Failure::silent(Exit::Signal(signal)));
            }
        }
        if quit {
            break true;
        }
        *shown = again()?;
    };
    board.end();
    Ok(left)
}
