//! The success check of a step: what can be run, in which commands, and what came of it.
//!
//! A check that fails is a value. Nothing here asks for consent, and nothing here is a sandbox: a check has the user's
//! rights, less the keys in the environment. A process that makes a session of its own (`setsid`) outlives it.

mod bash;
mod block;
mod commands;
mod doubt;
mod endless;
mod flow;
mod line;
mod marks;
mod oddity;
mod outcome;
mod own_terminal;
mod question;
mod runner;
mod script;
#[cfg(test)]
mod tests;
mod trap;

pub use commands::{Command, split};
pub use doubt::{Doubt, Why};
pub use oddity::Oddity;
pub use outcome::{CommandResult, Outcome};
pub use own_terminal::{OwnTerminal, Unlent, in_terminal, run_in_terminal};
pub use runner::{Check, run};
pub use script::{NotRunnable, Remark, Script};

pub use crate::process::{Captured, Event, Limits, Status};
