use std::path::Path;

use ignore::WalkBuilder;

/// A file past this size is looked into for no links.
const LIMIT: u64 = 4 << 20;

/// The Markdown files of a repository, from its root, in order: hidden folders too, nothing that `.gitignore` keeps out,
/// no links, nothing of git's own.
pub(super) fn files(root: &Path) -> Vec<String> {
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .require_git(false)
        .git_global(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    let mut found: Vec<String> = walk
        .flatten()
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter(|entry| entry.metadata().is_ok_and(|data| data.len() <= LIMIT))
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(root).ok()?;
            let markdown = path
                .extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("md") || end.eq_ignore_ascii_case("markdown"));
            markdown.then(|| path.to_str().map(str::to_owned)).flatten()
        })
        .collect();
    found.sort();
    found
}
