use clap::Args;

use super::{provider, refused};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::config::Config;
use crate::keys::{Keyring as _, KeyringError, SystemKeyring};
use crate::words::{Exit, Failure, printable_line};

/// Remove an endpoint's key from the system's keyring
#[derive(Debug, Args)]
pub(super) struct RemoveArgs {
    /// The endpoint; it need not be in the configuration any more
    name: String,
}

pub(super) fn run(args: &RemoveArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let config = Config::load(&world.environment, &global.flags(Some(args.name.clone())))?;
    let name = printable_line(&args.name);
    let removed = SystemKeyring.remove(&args.name);
    let removed = removed.map_err(|error| match provider(&config) {
        Ok((_, provider)) => refused("remove", &name, provider, &error),
        Err(_) => gone(&name, &error),
    })?;
    tell(&match removed {
        true => format!("the key of endpoint `{name}` is no longer in the system's keyring\n"),
        false => format!("the system's keyring has no key of endpoint `{name}`\n"),
    });
    Ok(Exit::Done)
}

/// For an endpoint that is not set up.
fn gone(name: &str, error: &KeyringError) -> Failure {
    let text = format!("cannot remove the key of endpoint `{name}`: {error}");
    Failure::new(Exit::Configuration, "keyring", text)
}
