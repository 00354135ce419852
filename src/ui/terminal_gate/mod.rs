//! The gate at a terminal, a file a question.

mod agent;
mod apply;
mod check;
mod gate;
mod list;
mod next;
mod plan;
mod recheck;
mod reply;
mod roll_back;
mod send;
mod terminal;

pub use gate::TerminalGate;
pub use terminal::TerminalSettings;
