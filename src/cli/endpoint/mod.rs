//! `endpoint`: where prompts go, listed, added, tried and removed.

mod add;
mod list;
mod origin;
mod remove;
mod trial;

use clap::{Args, Subcommand};

use super::World;
use super::global::Global;
use crate::words::{Exit, Failure};

pub(super) use origin::OriginJson;

/// List, add, test and remove endpoints: the places that prompts go to
#[derive(Debug, Args)]
pub(super) struct EndpointArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::ListArgs),
    Add(Box<add::AddArgs>),
    Test(trial::TestArgs),
    Remove(remove::RemoveArgs),
}

/// Runs the command.
pub(super) fn run(args: &EndpointArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    match &args.command {
        Command::List(args) => list::run(args, global, world),
        Command::Add(args) => add::run(args, global, world),
        Command::Test(args) => trial::run(args, global, world),
        Command::Remove(args) => remove::run(args, global, world),
    }
}
