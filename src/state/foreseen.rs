use serde::{Deserialize, Serialize};

use crate::llm::Amount;
use crate::prompt::LeftOut;

/// What was known of a prompt before it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Foreseen {
    /// Its tokens.
    pub tokens: u64,
    /// Whether they are estimated.
    pub estimated: bool,
    /// What it would cost without the reply, with nothing of it read from a cache.
    pub cost: Option<Amount>,
    /// Sections of the documents that were left out to fit the context.
    pub left_out: Vec<LeftOut>,
}
