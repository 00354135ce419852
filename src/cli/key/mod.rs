//! `key`: keys in the system's keyring.

mod list;
mod remove;
mod set;

use clap::{Args, Subcommand};

use super::World;
use super::global::Global;
use crate::config::{Config, EndpointConfig, EndpointKind, ProviderConfig};
use crate::keys::KeyringError;
use crate::words::{Exit, Failure};

/// Put the key of an endpoint into the system's keyring, remove it, or list where each key comes from
#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Set(set::SetArgs),
    Remove(remove::RemoveArgs),
    List(list::ListArgs),
}

/// Runs the command.
pub(super) fn run(args: &KeyArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    match &args.command {
        Command::Set(args) => set::run(args, global, world),
        Command::Remove(args) => remove::run(args, global, world),
        Command::List(args) => list::run(args, global, world),
    }
}

/// The server that an endpoint is.
///
/// Fails with exit code 6 for one that has no key, and so nothing to keep.
fn provider(config: &Config) -> Result<(&EndpointConfig, &ProviderConfig), Failure> {
    let endpoint = config.endpoint()?;
    match &endpoint.kind {
        EndpointKind::Provider(provider) => Ok((endpoint, provider)),
        other => {
            let text = format!(
                "endpoint `{}` is of kind `{}` and has no key",
                endpoint.name,
                other.word()
            );
            Err(Failure::new(Exit::Configuration, "no-key", text))
        }
    }
}

/// Why the keyring did not do it, and the ways out.
fn refused(doing: &str, name: &str, provider: &ProviderConfig, error: &KeyringError) -> Failure {
    let text = format!("cannot {doing} the key of endpoint `{name}`: {error}");
    let failure = Failure::new(Exit::Configuration, "keyring", text);
    let failure = match error {
        KeyringError::Absent(_) => {
            failure.help("on Linux the keyring is a service on D-Bus, such as GNOME Keyring or KWallet, and a session has one")
        }
        KeyringError::Slow | KeyringError::Locked => {
            failure.help("unlock it, and run the command again")
        }
        KeyringError::Failed(_) => failure,
    };
    failure.help(match &provider.key_env {
        Some(variable) => format!(
            "without a keyring, set the variable: `export {}=…`",
            variable.value
        ),
        None => {
            format!("without a keyring, name a variable: `key_env = \"VARIABLE\"` in `[endpoint.{name}]`")
        }
    })
}
