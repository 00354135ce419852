//! What a person sees: diagnostics, plans as trees, the session as it goes, the gate at a terminal.
//!
//! Everything that comes from a plan, a model or a check is made [printable](crate::words::printable) first.

mod ask;
mod board;
pub mod diagnostics;
mod events;
mod fit;
mod lumps;
mod narrator;
mod paint;
pub mod sheet;
pub mod table;
mod terminal_gate;
pub mod tree;

pub use events::{Both, JsonLines};
pub use narrator::Narrator;
pub use paint::Paint;
pub use terminal_gate::TerminalGate;

use std::borrow::Cow;

use crate::plan::one_line;
use crate::words::{Source, Span, printable_line};

/// Markdown of a plan as one line that is safe to show.
fn words(source: &Source, span: &Span) -> String {
    let line = one_line(source.slice(span));
    match printable_line(&line) {
        Cow::Borrowed(_) => line,
        Cow::Owned(safe) => safe,
    }
}

/// Columns that a text takes on a terminal.
fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}
