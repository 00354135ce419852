//! `stepgate batch`: prompts out to a provider's batch engine, and replies home.

mod agreed;
mod arrived;
mod board;
mod cancel;
mod candidates;
mod consent;
mod delete;
mod deliver;
mod fetch;
mod fetched;
mod forget;
mod inside;
mod landed;
mod leaving;
mod limits;
mod look;
mod replied;
mod status;
mod submit;
mod submitted;
mod watch;
mod yard;

use clap::{Args, Subcommand};

use super::World;
use super::global::Global;
use crate::words::{Exit, Failure};

/// Have a provider's batch engine answer the prompts of many plans, overnight and at half price
#[derive(Debug, Args)]
pub(crate) struct BatchArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Submit(submit::SubmitArgs),
    Status(status::StatusArgs),
    Fetch(fetch::FetchArgs),
    Cancel(cancel::CancelArgs),
    Delete(delete::DeleteArgs),
}

pub(super) fn run(args: &BatchArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    match &args.command {
        Command::Submit(args) => submit::run(args, global, world),
        Command::Status(args) => status::run(args, global, world),
        Command::Fetch(args) => fetch::run(args, global, world),
        Command::Cancel(args) => cancel::run(args, global, world),
        Command::Delete(args) => delete::run(args, global, world),
    }
}
