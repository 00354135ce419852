use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, World};
use crate::words::{Exit, Failure};

/// Print completions for a shell
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, world: &World) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "stepgate", &mut text);
    world.print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
