use clap::{Parser, Subcommand};

use super::World;
use super::global::Global;
use crate::words::{Exit, Failure};

/// Walks you through an implementation plan, one step at a time: sends each step's AI prompt, runs its success check,
/// asks you to confirm, and only then ticks its boxes.
#[derive(Debug, Parser)]
#[command(
    name = "stepgate",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(super::demo::DemoArgs),
    Run(super::run::RunArgs),
    Status(super::status::StatusArgs),
    Show(super::show::ShowArgs),
    Lint(super::lint::LintArgs),
    Prompt(super::prompt::PromptArgs),
    Check(super::check::CheckArgs),
    /// Tick boxes of a step by hand, on record
    Tick(super::tick::TickArgs),
    /// Untick boxes of a step by hand, on record
    Untick(super::tick::TickArgs),
    Log(super::log::LogArgs),
    Mock(super::mock::MockArgs),
    Completions(super::completions::CompletionsArgs),
}

impl Cli {
    /// Runs the command. Returns what the process is to return, or why the command could not do its work.
    pub fn run(&self, world: &World) -> Result<Exit, Failure> {
        let global = &self.global;
        match &self.command {
            Command::Demo(args) => super::demo::run(args, global, world),
            Command::Run(args) => super::run::run(args, global, world),
            Command::Status(args) => super::status::run(args, world),
            Command::Show(args) => super::show::run(args, world),
            Command::Lint(args) => super::lint::run(args, world),
            Command::Prompt(args) => super::prompt::run(args, global, world),
            Command::Check(args) => super::check::run(args, global, world),
            Command::Tick(args) => super::tick::run(args, true, global, world),
            Command::Untick(args) => super::tick::run(args, false, global, world),
            Command::Log(args) => super::log::run(args, global, world),
            Command::Mock(args) => super::mock::run(args, global, world),
            Command::Completions(args) => super::completions::run(args, world),
        }
    }
}
