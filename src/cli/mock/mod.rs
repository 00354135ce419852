//! `mock`: the mock model as a server.

mod ready;
mod record;
mod serve;

use clap::{Args, Subcommand};

use super::World;
use super::global::Global;
use crate::words::{Exit, Failure};

/// Serve a model for tests, or record one: answers from a scenario, a plan or a recording, as the real providers do
#[derive(Debug, Args)]
pub(super) struct MockArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::ServeArgs),
    Record(record::RecordArgs),
}

/// Runs the command.
pub(super) fn run(args: &MockArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    match &args.command {
        Command::Serve(args) => serve::serve(args, global, world),
        Command::Record(args) => record::record(args, global, world),
    }
}
