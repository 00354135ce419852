//! The command line: one file a command, each with its arguments and a `run` that returns an exit code.

mod args;
mod check;
mod completions;
mod demo;
mod global;
mod lint;
mod log;
mod mock;
mod plans;
mod prompt;
mod run;
mod setup;
mod show;
mod status;
mod tell;
mod tick;
mod world;

pub use args::Cli;
pub use world::World;
