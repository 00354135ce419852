//! stepgate takes an implementation plan written in Markdown and walks a person through it, one step at a time.
//!
//! Wiring only: the arguments become a [`Cli`], the process becomes a [`World`], the command runs, and what could not be
//! done is told on standard error. The flow from here: `cli` picks the command, `session` drives a step through prompt,
//! reply, check and gate, `plan` says what a plan says, `plan_file` ticks its boxes.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use stepgate::cli::{Cli, World};
use stepgate::outlet;
use stepgate::ui::diagnostics;
use stepgate::words::Exit;

fn main() -> ExitCode {
    // Before anything else is looked at: `--version` and a mistyped flag answer at once.
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return ExitCode::from(told(&answer).code()),
    };
    let world = World::of_process();
    let exit = cli.run(&world).unwrap_or_else(|failure| {
        let text = diagnostics::failure(&failure, world.stderr_colour);
        // Whom should it be told when standard error is gone?
        let _ = outlet::stderr().write_all(text.as_bytes());
        failure.exit
    });
    ExitCode::from(exit.code())
}

/// Prints help or version on standard output, or what is wrong with the command line on standard error.
fn told(answer: &clap::Error) -> Exit {
    let written = answer.print().and_then(|()| std::io::stdout().flush());
    if answer.use_stderr() {
        return Exit::Usage;
    }
    match written {
        Ok(()) => Exit::Done,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Exit::Signal(13),
        Err(_) => Exit::LocalIo,
    }
}
