use serde::{Deserialize, Serialize};

use super::By;
use crate::tree::{Planned, RelativePath};

/// What is about to be put back for a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RollbackRecord {
    /// The step.
    pub step: String,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// Who said so.
    pub by: By,
    /// How each file is to change.
    pub files: Vec<Planned>,
    /// Folders that go where nothing is left in them.
    pub folders: Vec<RelativePath>,
    /// What stays as it is, and why, in words.
    pub kept: Vec<String>,
    /// What an agent did that nobody had answered for: it is on record with this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Planned>,
    /// Of those, what could not be put back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stuck: Vec<RelativePath>,
}

#[cfg(test)]
mod tests {
    use crate::state::Record;

    #[test]
    fn its_line_in_a_journal_stays_as_it_was() {
        let older = r#"{"what":"rollback-intent","step":"3.2","attempt":2,"by":"unattended","files":[],"folders":["a"],"kept":["b"]}"#;
        let newer = r#"{"what":"rollback-intent","step":"3.2","attempt":2,"by":{"person":"ada"},"files":[],"folders":[],"kept":[],"stuck":["c"]}"#;
        for line in [older, newer] {
            let record: Record = serde_json::from_str(line).unwrap();
            assert_eq!(record.step(), Some("3.2"));
            assert_eq!(serde_json::to_string(&record).unwrap(), line);
        }
    }
}
