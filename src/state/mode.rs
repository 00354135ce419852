use serde::{Deserialize, Serialize};

/// How a session is led.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// A person answers.
    Guided,
    /// Nobody is asked.
    Unattended,
    /// No session: boxes are ticked or unticked by a command.
    ByHand,
}
