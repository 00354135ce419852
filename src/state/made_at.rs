use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// When a prompt was made that did not go out right away: until then it knows what its files were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MadeAt {
    /// Not before this moment, by the clock of the machine.
    At(String),
    /// Nobody can tell.
    Unknown,
}

impl MadeAt {
    /// From this moment on.
    pub fn since(moment: Timestamp) -> Self {
        Self::At(moment.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
    }

    /// The moment; `None` where nobody can tell.
    pub fn moment(&self) -> Option<Timestamp> {
        match self {
            Self::At(at) => at.parse().ok(),
            Self::Unknown => None,
        }
    }
}

impl std::fmt::Display for MadeAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::At(at) => write!(f, "made at {at}"),
            Self::Unknown => f.write_str("made at a time that nobody can tell"),
        }
    }
}
