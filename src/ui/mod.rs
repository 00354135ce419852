//! What a person sees: diagnostics, plans as trees, the session as it goes, the gate at a terminal.
//!
//! Everything that comes from a plan, a model or a check is made [printable](crate::words::printable) first.

mod annotation;
mod ask;
mod bill;
mod board;
mod checked;
mod clipboard;
mod commits;
mod countdown;
pub mod diagnostics;
mod difference;
mod drift;
mod editor;
mod events;
mod evidence;
mod fill_gate;
mod fill_teller;
mod fit;
mod keyboard;
mod lumps;
mod narrator;
mod pager;
mod paint;
mod recorded;
mod row;
mod sarif;
mod seconds;
pub mod sheet;
pub mod table;
mod terminal_gate;
mod tool;
pub mod tree;

pub use annotation::annotation;
pub(crate) use ask::Ask;
pub use ask::AskSettings;
pub(crate) use bill::account;
pub use difference::difference;
pub use events::{Both, JsonLines};
pub use evidence::evidence;
pub use fill_gate::FillTerminal;
pub use fill_teller::FillTeller;
pub use fit::{for_output, screen};
pub(crate) use keyboard::Keyboard;
pub use narrator::Narrator;
pub use paint::Paint;
pub use sarif::Sarif;
pub use terminal_gate::{TerminalGate, TerminalSettings};

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
