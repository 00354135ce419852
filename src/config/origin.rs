use std::fmt;

use crate::words::printable_line;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it: it is stepgate's own.
    BuiltIn,
    /// A file, as its path is shown, and the line from 1.
    File {
        /// The path of the file.
        path: String,
        /// The line of the value.
        line: usize,
    },
    /// A variable of the environment.
    Variable(String),
    /// A flag of the command line, such as `--endpoint`.
    Flag(&'static str),
    /// The system's keyring; the name of the entry.
    Keyring(String),
    /// What a command printed; its program.
    Command(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::File { path, line } => write!(f, "`{path}:{line}`"),
            Self::Variable(name) => write!(f, "environment variable `{name}`"),
            Self::Flag(name) => write!(f, "`{name}`"),
            Self::Keyring(name) => write!(f, "the system's keyring (entry `{name}`)"),
            Self::Command(program) => write!(f, "the command `{}`", printable_line(program)),
        }
    }
}

/// A value that knows where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Traced<T> {
    /// A value and where it came from.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// A value that nobody set.
    pub fn built_in(value: T) -> Self {
        Self::new(value, Origin::BuiltIn)
    }

    /// Turns the value into another and keeps where it came from.
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Traced<U> {
        Traced::new(turn(self.value), self.origin)
    }
}
