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
