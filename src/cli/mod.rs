//! The command line: one file a command, each with its arguments and a `run` that returns an exit code.

mod answered;
mod args;
mod batch;
mod budget;
mod check;
mod completions;
mod demo;
mod documents;
mod endpoint;
mod export;
mod exporting;
mod fill;
mod finish;
mod global;
mod key;
mod lint;
mod log;
mod log_entry;
mod mock;
mod named_step;
mod new;
mod plans;
mod promote;
mod prompt;
mod recheck;
mod rollback;
mod run;
mod setup;
mod show;
mod status;
mod tell;
mod tick;
mod why;
mod world;

pub use args::Cli;
pub use world::World;
