use std::io::{BufRead as _, Read as _};
use std::path::Path;

use clap::Args;

use super::super::answered::answered;
use super::{provider, refused};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::config::Config;
use crate::interrupt::Interrupt;
use crate::keys::{Keyring as _, SystemKeyring, printable_key};
use crate::ui::Ask;
use crate::words::{Exit, Failure, secrets};

/// No key is this long.
const MOST: u64 = 64 << 10;

/// Put an endpoint's key into the system's keyring; it is typed unseen, or read from standard input
#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// The endpoint
    name: String,
    /// Taken so that a key which somebody puts here is refused without being shown.
    #[arg(hide = true, allow_hyphen_values = true, trailing_var_arg = true)]
    more: Vec<String>,
}

pub(super) fn run(args: &SetArgs, global: &Global, world: &World) -> Result<Exit, Failure> {
    if !args.more.is_empty() {
        let text = "a key is never an argument: every user of this machine can read those";
        return Err(Failure::new(Exit::Usage, "usage", text).help(format!(
            "type it when `stepgate key set {}` asks, or give it on standard input",
            args.name
        )));
    }
    let config = Config::load(&world.environment, &global.flags(Some(args.name.clone())))?;
    let (endpoint, provider) = provider(&config)?;
    let name = &endpoint.name;
    let key = if world.interactive {
        let ask = Ask::new(world.ask_settings(), Interrupt::listen()?);
        match answered(ask.secret(&format!("the key of `{name}` (it is not shown)")))? {
            Ok(key) => key,
            Err(exit) => return Ok(exit),
        }
    } else {
        read_line()?
    };
    secrets::learn(&key);
    if !printable_key(&key) {
        let what = if key.is_empty() {
            "no key was given"
        } else {
            "what was given has a space or a character that no key has"
        };
        let text = format!("{what}: nothing was changed for endpoint `{name}`");
        return Err(Failure::new(Exit::Configuration, "bad-key", text).help(format!(
            "type it, or `printf %s \"$KEY\" | stepgate key set {name}`"
        )));
    }
    SystemKeyring
        .keep(name, &key)
        .map_err(|error| refused("keep", name, provider, &error))?;
    let mut told = format!("the key of endpoint `{name}` is in the system's keyring\n");
    if provider.keyring.is_none() {
        told += &format!(
            "it is not used yet: add `key = \"keyring\"` to `[endpoint.{name}]`, {}\n",
            endpoint.origin
        );
    }
    if let Some(variable) = provider.key_env.as_ref().map(|variable| &variable.value)
        && world.environment.var(variable).is_some()
    {
        told += &format!("the environment variable `{variable}` is set, and goes before it\n");
    }
    tell(&told);
    Ok(Exit::Done)
}

/// The first line of standard input.
fn read_line() -> Result<String, Failure> {
    let mut line = Vec::new();
    let stdin = std::io::stdin().lock();
    let mut input = std::io::BufReader::new(stdin.take(MOST));
    input
        .read_until(b'\n', &mut line)
        .map_err(|error| Failure::io("read", Path::new("standard input"), &error))?;
    // What is no text is no key either, and is refused as one.
    Ok(String::from_utf8_lossy(&line).trim().to_owned())
}
