use serde::{Deserialize, Serialize};

use super::By;

/// A commit of the plan alone, for boxes that are ticked outside of steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "commit-of-plan", rename_all = "kebab-case")]
pub enum PlanCommit {
    /// Boxes of a list are about to be ticked, and are to be committed then.
    Intent {
        /// The headings of the list.
        place: String,
        /// Who said that they hold.
        by: By,
    },
    /// This commit is about to become the head of the branch.
    Begun {
        /// What the head was.
        parent: Option<String>,
        /// Its name.
        commit: String,
    },
    /// It is.
    Made {
        /// Its name.
        commit: String,
    },
    /// There was nothing to commit.
    Not {
        /// Why.
        why: String,
    },
}

impl PlanCommit {
    /// It in words.
    pub fn words(&self) -> String {
        let short = |commit: &str| commit.chars().take(12).collect::<String>();
        match self {
            Self::Intent { place, .. } => format!("to be committed when it is ticked: {place}"),
            Self::Begun { commit, .. } => format!("commit {} of the plan is made", short(commit)),
            Self::Made { commit } => format!("plan committed as {}", short(commit)),
            Self::Not { why } => format!("plan not committed: {why}"),
        }
    }
}
