use serde::{Deserialize, Serialize};

/// Who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// A person at the gate, by login name.
    Person(String),
    /// Nobody was asked: the checks passed.
    Unattended,
    /// Whoever started an unattended run said beforehand that they vouch for it.
    Attested(String),
}

impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(user) => f.write_str(user),
            Self::Unattended => f.write_str("nobody (unattended)"),
            Self::Attested(user) => write!(f, "{user}, beforehand (unattended)"),
        }
    }
}
