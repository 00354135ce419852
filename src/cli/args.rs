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
    New(super::new::NewArgs),
    Fill(super::fill::FillArgs),
    Lint(super::lint::LintArgs),
    Promote(super::promote::PromoteArgs),
    Finish(super::finish::FinishArgs),
    Prompt(super::prompt::PromptArgs),
    Export(super::export::ExportArgs),
    Batch(super::batch::BatchArgs),
    Check(super::check::CheckArgs),
    /// Tick boxes of a step by hand, on record
    Tick(super::tick::TickArgs),
    /// Untick boxes of a step by hand, on record
    Untick(super::tick::TickArgs),
    Rollback(super::rollback::RollbackArgs),
    Log(super::log::LogArgs),
    Endpoint(super::endpoint::EndpointArgs),
    Key(super::key::KeyArgs),
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
            Command::Status(args) => super::status::run(args, global, world),
            Command::Show(args) => super::show::run(args, global, world),
            Command::Lint(args) => super::lint::run(args, global, world),
            Command::New(args) => super::new::run(args, global, world),
            Command::Promote(args) => super::promote::run(args, global, world),
            Command::Finish(args) => super::finish::run(args, global, world),
            Command::Fill(args) => super::fill::run(args, global, world),
            Command::Prompt(args) => super::prompt::run(args, global, world),
            Command::Export(args) => super::export::run(args, global, world),
            Command::Batch(args) => super::batch::run(args, global, world),
            Command::Check(args) => super::check::run(args, global, world),
            Command::Tick(args) => super::tick::run(args, true, global, world),
            Command::Untick(args) => super::tick::run(args, false, global, world),
            Command::Rollback(args) => super::rollback::run(args, global, world),
            Command::Log(args) => super::log::run(args, global, world),
            Command::Endpoint(args) => super::endpoint::run(args, global, world),
            Command::Key(args) => super::key::run(args, global, world),
            Command::Mock(args) => super::mock::run(args, global, world),
            Command::Completions(args) => super::completions::run(args, world),
        }
    }
}
