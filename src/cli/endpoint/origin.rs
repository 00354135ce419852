use serde::Serialize;

use crate::config::Origin;

/// Where a value came from, in JSON.
#[derive(Debug, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub(crate) enum OriginJson {
    BuiltIn,
    File { path: String, line: usize },
    Variable { name: String },
    Flag { name: &'static str },
    Keyring { entry: String },
    Command { program: String },
}

impl From<&Origin> for OriginJson {
    fn from(origin: &Origin) -> Self {
        match origin.clone() {
            Origin::BuiltIn => Self::BuiltIn,
            Origin::File { path, line } => Self::File { path, line },
            Origin::Variable(name) => Self::Variable { name },
            Origin::Flag(name) => Self::Flag { name },
            Origin::Keyring(entry) => Self::Keyring { entry },
            Origin::Command(program) => Self::Command { program },
        }
    }
}
