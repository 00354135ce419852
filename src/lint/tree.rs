//! What the plan says of files, against the files that there are.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::plan::{Finding, Plan};
use crate::words::Source;

/// Where a plan lies, for who looks whether the files that it names are there. Nothing is read of them.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
    folder: PathBuf,
}

/// Words of the plan for what needs a file that is there.
const NEEDS: &[&str] = &[
    "modify", "modified", "update", "updated", "edit", "edited", "change", "changed", "extend", "delete",
    "deleted", "remove", "removed", "rename", "renamed",
];

/// Of these, words for what shall not be there any more.
const GOES: &[&str] = &["delete", "deleted", "remove", "removed", "rename", "renamed"];

/// Whether what follows the first word says that the file may be missing: `modify or new`, `update/create`, `modify, if it
/// does not exist create it`.
fn may_be_new(note: &str) -> bool {
    let words = || {
        note.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
    };
    let joined = note.starts_with(['/', '|']) || matches!(words().next(), Some("or" | "and"));
    let other = words().find(|word| !["or", "and"].contains(word));
    let new = ["new", "create", "created", "add", "added"];
    joined && other.is_some_and(|word| new.contains(&word))
        || [
            "not exist",
            "n't exist",
            "if missing",
            "if absent",
            "not there",
            "if needed",
        ]
        .iter()
        .any(|phrase| note.contains(phrase))
}

impl Tree {
    /// The repository's root, and the folder of the plan.
    pub fn new(root: PathBuf, folder: PathBuf) -> Self {
        Self { root, folder }
    }

    /// Whether a relative path names something, from the folder of the plan or from the root; what leads out of the root
    /// is not looked at and counts as there.
    pub(super) fn has(&self, path: &Path, from_root: bool) -> bool {
        let base = if from_root { &self.root } else { &self.folder };
        let Some(whole) = joined(base, path).filter(|whole| whole.starts_with(&self.root)) else {
            return true;
        };
        whole.symlink_metadata().is_ok()
    }

    pub(super) fn look(&self, plan: &Plan, source: &Source, found: &mut Vec<Finding>) {
        let mut made: HashSet<&str> = HashSet::new();
        for (_, step) in plan.steps() {
            for file in &step.files {
                let path = source.slice(&file.path).trim_start_matches("./");
                let action = file.action.as_ref().map(|span| source.slice(span).to_lowercase());
                let note = file.note.as_ref().map(|span| source.slice(span).to_lowercase());
                let needs = action.as_deref().is_some_and(|action| NEEDS.contains(&action))
                    && !note.as_deref().is_some_and(may_be_new);
                // Once the step is done, the file may have gone with a later one.
                let plain = !path.contains(['*', '[', '{', '<', ' '])
                    && !path.ends_with('/')
                    && !path.starts_with("path/to/");
                if needs
                    && plain
                    && !step.is_done()
                    && !made.contains(path)
                    && !self.has(Path::new(path), true)
                {
                    let action = action.unwrap_or_default();
                    found.push(Finding::new(
                        file.path.clone(),
                        "file-missing",
                        format!("step {} says `{action}` of `{path}`, which is not there", step.id),
                        "no such file, and no step before makes it",
                        if GOES.contains(&action.as_str()) {
                            "mend the path, or take the line out"
                        } else {
                            "mend the path, or say `new`"
                        },
                    ));
                }
                made.insert(path);
            }
        }
    }
}

/// Joins by words, without asking the disk what a link means.
fn joined(base: &Path, path: &Path) -> Option<PathBuf> {
    use std::path::Component;
    let mut whole = base.to_path_buf();
    for part in path.components() {
        match part {
            Component::Normal(name) => whole.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(whole)
}
