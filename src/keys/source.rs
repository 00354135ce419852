use crate::config::{Origin, ProviderConfig};

/// A place where the key of an endpoint may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A variable of the environment.
    Variable(String),
    /// The system's keyring; the name of the entry, which is that of the endpoint.
    Keyring(String),
    /// A command that prints it; its arguments, the program first.
    Command(Vec<String>),
}

/// Whether a source has a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has one.
    There,
    /// It has none.
    NotThere,
    /// It was not asked: to ask may want an answer of a person.
    NotAsked,
    /// It cannot be asked, and why.
    Unreachable(String),
}

impl Source {
    /// The sources of an endpoint in the order in which they are asked.
    pub fn all(name: &str, config: &ProviderConfig) -> Vec<Self> {
        let variable = config
            .key_env
            .as_ref()
            .map(|env| Self::Variable(env.value.clone()));
        let keyring = config.keyring.as_ref().map(|_| Self::Keyring(name.to_owned()));
        let command = config.key_command.as_ref();
        let command = command.map(|command| Self::Command(command.value.clone()));
        [variable, keyring, command].into_iter().flatten().collect()
    }

    /// It as where a key came from. Of a command only the program is told: an argument may say more than it should.
    pub fn origin(&self) -> Origin {
        match self {
            Self::Variable(name) => Origin::Variable(name.clone()),
            Self::Keyring(name) => Origin::Keyring(name.clone()),
            Self::Command(argv) => Origin::Command(argv.first().cloned().unwrap_or_default()),
        }
    }

    /// The word for its kind, as the configuration has it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Variable(_) => "key_env",
            Self::Keyring(_) => "keyring",
            Self::Command(_) => "key_command",
        }
    }
}
