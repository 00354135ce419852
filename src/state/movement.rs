use serde::{Deserialize, Serialize};

use crate::tree::Planned;

/// What becomes of the documents of a proposal, all or none. Paths are from the root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "move", rename_all = "kebab-case")]
pub enum Movement {
    /// They are about to be written, moved or put back.
    Intent {
        /// Why.
        kind: MoveKind,
        /// Where the plan is, and where it will be; `None` where there was none.
        plan: Option<(String, String)>,
        /// What becomes of each file.
        files: Vec<Planned>,
        /// Paths that git tracks: where they are, and where they will be.
        tracked: Vec<(String, String)>,
    },
    /// They are.
    Done {
        /// Why.
        kind: MoveKind,
        /// Where the plan was, and where it is.
        plan: Option<(String, String)>,
    },
    /// Everything is as it was before.
    Not {
        /// Why.
        why: String,
    },
}

impl Movement {
    /// It in words.
    pub fn words(&self) -> String {
        match self {
            Self::Intent { files, .. } => format!("about to move: {} files", files.len()),
            Self::Done {
                plan: Some((from, to)),
                ..
            } if from != to => format!("moved from {from} to {to}"),
            Self::Done { .. } => "its documents were written".to_owned(),
            Self::Not { why } => format!("not moved: {why}"),
        }
    }
}

/// Why documents move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MoveKind {
    /// A proposal is begun.
    New,
    /// It comes to another stage.
    Promote,
    /// It is closed.
    Finish,
    /// What was moved last goes back.
    Undo,
}
