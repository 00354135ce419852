use std::cell::RefCell;

use super::command;
use super::key::Key;
use super::keyring::{Keyring, KeyringError, SystemKeyring};
use super::source::{Source, State};
use crate::config::{Environment, Origin, ProviderConfig};
use crate::words::{Exit, Failure, printable_line};

impl Key {
    /// The key of the endpoint `name`, from the first of its sources that has one: the variable, the system's keyring, the
    /// command. `None` when it is set up without a key.
    ///
    /// Fails with exit code 6 when no source has one, and tells of each why; also for what cannot be a key.
    pub fn of(
        name: &str,
        config: &ProviderConfig,
        environment: &Environment,
    ) -> Result<Option<Self>, Failure> {
        Finder::new(environment).key(name, config)
    }
}

/// Looks for keys in their sources.
pub struct Finder<'a> {
    environment: &'a Environment,
    keyring: &'a dyn Keyring,
    /// A keyring that could not be used is not asked again: each question may take seconds.
    broken: RefCell<Option<KeyringError>>,
}

impl<'a> Finder<'a> {
    /// Looks in the environment and in the system's keyring.
    pub fn new(environment: &'a Environment) -> Self {
        Self::with(environment, &SystemKeyring)
    }

    /// Looks in another keyring.
    pub fn with(environment: &'a Environment, keyring: &'a dyn Keyring) -> Self {
        Self {
            environment,
            keyring,
            broken: RefCell::default(),
        }
    }

    /// The key of an endpoint, as [`Key::of`].
    pub fn key(&self, name: &str, config: &ProviderConfig) -> Result<Option<Key>, Failure> {
        let sources = Source::all(name, config);
        let mut without = Vec::new();
        for source in &sources {
            match self.ask(source)? {
                Ok(text) => return Key::read(name, &text, source.origin()).map(Some),
                Err(why) => without.push(format!("{} {why}", source.origin())),
            }
        }
        if without.is_empty() {
            return Ok(None);
        }
        let message = format!("no key for endpoint `{name}`: {}", without.join("; "));
        let failure = Failure::new(Exit::Configuration, "no-key", message);
        Err(help(name, config, &sources)
            .into_iter()
            .fold(failure, Failure::help))
    }

    /// The key that a source has, or why it has none.
    fn ask(&self, source: &Source) -> Result<Result<String, String>, Failure> {
        Ok(match source {
            // A line end at its end is how a key comes out of a file; no key has one.
            Source::Variable(name) => match self.environment.text(name)?.map(str::trim) {
                None | Some("") => Err("is not set or empty".to_owned()),
                Some(key) => Ok(key.to_owned()),
            },
            Source::Keyring(name) => match self.stored(name) {
                Ok(Some(key)) => Ok(key.trim().to_owned()),
                Ok(None) => Err("has none".to_owned()),
                Err(error) => Err(format!("has none that can be read: {error}")),
            },
            Source::Command(argv) => {
                command::run(argv, self.environment).map_err(|why| format!("gave none: {why}"))
            }
        })
    }

    fn stored(&self, name: &str) -> Result<Option<String>, KeyringError> {
        if let Some(error) = &*self.broken.borrow() {
            return Err(error.clone());
        }
        let stored = self.keyring.read(name);
        if let Err(error) = &stored {
            *self.broken.borrow_mut() = Some(error.clone());
        }
        stored
    }

    /// Whether a source has a key. A command is not run for that.
    pub fn state(&self, source: &Source) -> State {
        match source {
            Source::Command(_) => State::NotAsked,
            Source::Keyring(name) => match self.stored(name) {
                Ok(Some(_)) => State::There,
                Ok(None) => State::NotThere,
                Err(error) => State::Unreachable(error.to_string()),
            },
            Source::Variable(_) => match self.ask(source) {
                Ok(Ok(_)) => State::There,
                Ok(Err(_)) => State::NotThere,
                Err(failure) => State::Unreachable(failure.to_string()),
            },
        }
    }
}

/// What to do for an endpoint that has no key: every way out of those that it is set up with.
fn help(name: &str, config: &ProviderConfig, sources: &[Source]) -> Vec<String> {
    let section = format!("`[endpoint.{name}]`");
    let mut help = Vec::new();
    for source in sources {
        help.push(match source {
            Source::Variable(variable) => format!("set it in your shell: `export {variable}=…`"),
            Source::Keyring(_) => format!("put it into the keyring: `stepgate key set {name}`"),
            Source::Command(argv) => {
                let program = argv.first().map(String::as_str).unwrap_or_default();
                format!("see what `{}` says when you run it", printable_line(program))
            }
        });
    }
    let only_variable = matches!(sources, [Source::Variable(_)]);
    let chosen = |origin: &Origin| *origin != Origin::BuiltIn;
    match &config.key_env {
        Some(variable) if only_variable && chosen(&variable.origin) => {
            help.push(format!(
                "if the server wants no key, remove `key_env` from {section}"
            ));
        }
        Some(_) if only_variable => help.push(format!(
            "or name another variable: `key_env = \"VARIABLE\"` in {section}"
        )),
        None => help.push(format!(
            "or name a variable, which is asked first: `key_env = \"VARIABLE\"` in {section}"
        )),
        Some(_) => {}
    }
    help
}

#[cfg(test)]
mod tests;
