use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use crate::words::{Exit, Failure};

/// The variables of the process, read once in `main` and passed down, so that nothing below depends on the process and a
/// test can say what they are.
///
/// It holds keys, so it has no `Debug` of its content.
#[derive(Clone, Default)]
pub struct Environment(HashMap<OsString, OsString>);

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The value of a variable. One that is set to nothing counts as not set.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.0
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    /// The variables whose names are wanted, in the order of their names.
    pub(crate) fn chosen(&self, wanted: impl Fn(&str) -> bool) -> Vec<(OsString, OsString)> {
        let pairs = self.0.iter();
        let pairs = pairs.filter(|(name, _)| name.to_str().is_some_and(&wanted));
        let mut pairs: Vec<_> = pairs.map(|(name, value)| (name.clone(), value.clone())).collect();
        pairs.sort();
        pairs
    }

    /// The value of a variable as a path.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.var(name).map(PathBuf::from)
    }

    /// The value of a variable as text.
    ///
    /// Fails with exit code 6 when it is not UTF-8; the value is not told, for it may be a key.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        let Some(value) = self.var(name) else {
            return Ok(None);
        };
        value.to_str().map(Some).ok_or_else(|| {
            let text = format!("environment variable `{name}` is not UTF-8 text");
            Failure::new(Exit::Configuration, "variable-not-utf8", text)
        })
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} variables)", self.0.len())
    }
}
