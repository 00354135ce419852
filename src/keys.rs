//! Keys: where they come from, and how they stay unseen.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use crate::config::{Environment, Origin, ProviderConfig, Traced};
use crate::words::{Exit, Failure, Redactor};

/// A key of an endpoint. It knows where it came from, and shows that instead of itself.
#[derive(Clone)]
pub struct Key {
    secret: SecretString,
    origin: Origin,
}

impl Key {
    /// The key of the endpoint `name`; `None` when it is set up without one.
    ///
    /// Fails with exit code 6 when the variable is not set, or holds what cannot be a key.
    pub fn of(
        name: &str,
        config: &ProviderConfig,
        environment: &Environment,
    ) -> Result<Option<Self>, Failure> {
        match &config.key_env {
            Some(variable) => Self::from_variable(name, variable, environment).map(Some),
            None => Ok(None),
        }
    }

    fn from_variable(
        endpoint: &str,
        variable: &Traced<String>,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let chosen = variable.origin != Origin::BuiltIn;
        let variable = variable.value.as_str();
        let origin = Origin::Variable(variable.to_owned());
        // A line end at its end is how a key comes out of a file; no key has one.
        let secret = environment
            .text(variable)?
            .map(str::trim)
            .filter(|secret| !secret.is_empty());
        let Some(secret) = secret else {
            let message = format!("no key for endpoint `{endpoint}`: {origin} is not set or empty");
            return Err(Failure::new(Exit::Configuration, "no-key", message)
                .help(format!("set it in your shell: `export {variable}=…`"))
                .help(match chosen {
                    true => {
                        format!("if the server wants no key, remove `key_env` from `[endpoint.{endpoint}]`")
                    }
                    false => format!(
                        "or name another variable: `key_env = \"VARIABLE\"` in `[endpoint.{endpoint}]`"
                    ),
                }));
        };
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = format!(
                "the key for endpoint `{endpoint}` in {origin} has a space or a character that no key has"
            );
            return Err(Failure::new(Exit::Configuration, "bad-key", message)
                .help("copy it anew, without quotes and line ends"));
        }
        Ok(Self {
            secret: secret.into(),
            origin,
        })
    }

    /// Where it came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key itself, for the one header that carries it.
    pub(crate) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// Takes this key out of text.
    pub fn redactor(&self) -> Redactor {
        Redactor::new([self.expose()])
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(from {})", self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKER: &str = "sk-marker-0123456789";

    fn local_key() -> Traced<String> {
        Traced::new("LOCAL_KEY".to_owned(), Origin::Flag("--test"))
    }

    #[test]
    fn a_key_comes_out_of_its_variable_and_shows_only_that() {
        let environment = Environment::from_iter([("LOCAL_KEY", format!("{MARKER}\n"))]);
        let key = Key::from_variable("local", &local_key(), &environment).unwrap();
        assert_eq!(key.expose(), MARKER);
        assert_eq!(
            format!("{key:?} {environment:?}"),
            "Key(from environment variable `LOCAL_KEY`) Environment(1 variables)"
        );
        assert_eq!(
            key.redactor().redact(&format!("Bearer {MARKER}.")),
            "Bearer [key]."
        );
    }

    #[test]
    fn without_a_key_it_says_which_variable_to_set() {
        for environment in [
            Environment::default(),
            Environment::from_iter([("LOCAL_KEY", "")]),
            Environment::from_iter([("LOCAL_KEY", " \n")]),
        ] {
            let failure = Key::from_variable("local", &local_key(), &environment).unwrap_err();
            let expected = Failure::new(
                Exit::Configuration,
                "no-key",
                "no key for endpoint `local`: environment variable `LOCAL_KEY` is not set or empty",
            )
            .help("set it in your shell: `export LOCAL_KEY=…`")
            .help("if the server wants no key, remove `key_env` from `[endpoint.local]`");
            assert_eq!(failure, expected);
        }
    }

    #[test]
    fn what_cannot_be_a_key_is_refused_without_showing_it() {
        for bad in [
            format!("{MARKER} x"),
            format!("{MARKER}\r\nHost: evil"),
            format!("{MARKER}ä"),
        ] {
            let environment = Environment::from_iter([("LOCAL_KEY", bad)]);
            let failure = Key::from_variable("local", &local_key(), &environment).unwrap_err();
            assert_eq!(failure.exit, Exit::Configuration);
            assert!(!format!("{failure:?}").contains("marker"), "{failure:?}");
        }
    }

    #[test]
    fn a_variable_that_nobody_named_is_not_to_be_removed() {
        let variable = Traced::built_in("ANTHROPIC_API_KEY".to_owned());
        let failure = Key::from_variable("claude", &variable, &Environment::default()).unwrap_err();
        let expected = Failure::new(
            Exit::Configuration,
            "no-key",
            "no key for endpoint `claude`: environment variable `ANTHROPIC_API_KEY` is not set or empty",
        )
        .help("set it in your shell: `export ANTHROPIC_API_KEY=…`")
        .help("or name another variable: `key_env = \"VARIABLE\"` in `[endpoint.claude]`");
        assert_eq!(failure, expected);
    }
}
