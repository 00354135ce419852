use std::collections::BTreeMap;

use super::{Id, Stage};

/// What a column of the registry is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The id.
    Id,
    /// The title.
    Title,
    /// Which document is worked on.
    Phase,
    /// `Draft`, `Review`, `Approved`, `Completed`.
    Status,
    /// The day it was begun.
    Created,
    /// The day it was changed last.
    Updated,
    /// The day it was finished.
    Implemented,
    /// How urgent it is: a person's to say.
    Priority,
    /// Whether the living requirements were brought up to date.
    RequirementsUpdated,
    /// Whether the living design was.
    DesignUpdated,
    /// A column that stepgate does not know.
    Other(String),
}

impl Column {
    /// The meaning of a column's heading.
    pub fn of(heading: &str) -> Self {
        let words: String = heading
            .to_lowercase()
            .chars()
            .map(|c| if c.is_alphanumeric() { c } else { ' ' })
            .collect();
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        match words.as_str() {
            "" if heading.contains('#') => Self::Id,
            "id" | "ep" | "no" | "number" | "proposal" | "ep id" | "ep number" | "proposal id" => Self::Id,
            "title" | "name" => Self::Title,
            "phase" => Self::Phase,
            "status" | "state" => Self::Status,
            "created" | "date created" | "created on" => Self::Created,
            "updated" | "last updated" | "date updated" => Self::Updated,
            "implemented" | "completed" | "finished" | "implemented on" | "date implemented"
            | "completed on" | "date completed" => Self::Implemented,
            "priority" => Self::Priority,
            "requirements updated" => Self::RequirementsUpdated,
            "design updated" => Self::DesignUpdated,
            _ => Self::Other(heading.trim().to_owned()),
        }
    }
}

/// What the registry is to say of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which proposal.
    pub id: Id,
    /// Where it stands now.
    pub stage: Stage,
    /// What is known, by column. What is not known is kept from the row that is there, else left as `-`.
    pub known: BTreeMap<Column, String>,
    /// What a user says of columns, by their headings in lowercase.
    pub given: BTreeMap<String, String>,
}
