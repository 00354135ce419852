use clap::Args;

use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::config::{Config, ConfigEdit, EndpointKind, Origin};
use crate::words::{Exit, Failure};

/// Remove an endpoint from your configuration file; its key in the keyring stays
#[derive(Debug, Args)]
pub(super) struct RemoveArgs {
    /// The endpoint
    name: String,
}

pub(super) fn run(args: &RemoveArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    let flags = global.flags(None);
    let named = global.flags(Some(args.name.clone()));
    let config = Config::load(&world.environment, &named)?;
    let endpoint = config.endpoint()?;
    if endpoint.origin == Origin::BuiltIn {
        let text = format!(
            "the endpoint `{}` is built in and cannot be removed",
            endpoint.name
        );
        return Err(Failure::new(Exit::Configuration, "built-in", text));
    }
    let path = Config::path(&world.environment, &flags)?;
    let mut edit = ConfigEdit::open(&path.value)?;
    let was_default = edit.remove(&endpoint.name)?;
    Config::try_text(&edit.source()?, &world.environment)?;
    edit.save()?;
    let mut told = format!(
        "removed `[endpoint.{}]` from {}\n",
        endpoint.name, endpoint.origin
    );
    if was_default {
        told += "it was the default: `manual` is now\n";
    }
    if let EndpointKind::Provider(provider) = &endpoint.kind
        && provider.keyring.is_some()
    {
        told += &format!(
            "its key is still in the keyring: `stepgate key remove {}` takes it out\n",
            endpoint.name
        );
    }
    tell(&told);
    Ok(Exit::Done)
}
