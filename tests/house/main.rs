//! Guards of the house: what stands where, and who may lean on whom. `docs/architecture.md` tells why.
#![expect(clippy::unwrap_used, reason = "what helps a test may fail like a test")]

mod embedded;
mod floors;
mod imports;
mod tidy;

use std::fs;
use std::path::Path;

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the repository beneath a folder (empty for all of it) as its path from the root, ordered. What
/// `.gitignore` names is none of its files.
fn files(beneath: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let walk = ignore::WalkBuilder::new(root().join(beneath))
        .hidden(false)
        .parents(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    for entry in walk {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let path = entry.path().strip_prefix(root()).unwrap();
            paths.push(path.to_str().unwrap().to_owned());
        }
    }
    paths.sort();
    paths
}

/// Reads a file of the repository.
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Shows what is wrong, a line each.
#[track_caller]
fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}
