//! Which of the paths that a plan writes can be those of a file edit.

use crate::words::foreign_to_windows;

const PATH_LIMIT: usize = 1024;
const NAME_LIMIT: usize = 255;
const DEPTH_LIMIT: usize = 64;

/// The path below the repository root that a plan means, in the form in which a reply may name it.
///
/// Stricter than the tree is with a reply: a plan is prose, and what stands there for a path may be a pattern, a folder or
/// half a sentence. Fails with the reason, as the end of "there is no edit, for …".
pub(super) fn file_path(written: &str) -> Result<&str, &'static str> {
    let path = written.strip_prefix("./").unwrap_or(written);
    if path.starts_with('/') || path.starts_with('~') || path.contains([':', '\\']) {
        return Err("only a path from the root of the repository can be followed");
    }
    if path.contains(['*', '?', '[', ']', '{', '}', '<', '>', '…']) {
        return Err("it is a pattern and no path");
    }
    if path.ends_with('/') {
        return Err("it is a folder, and comes to be with the first file in it");
    }
    if path.split('/').any(|name| matches!(name, "" | "." | "..")) {
        return Err("only a path without `.` and `..` can be followed");
    }
    if !path.chars().all(is_plain) {
        return Err("a blank or a sign in it makes it doubtful what the path is");
    }
    if path.split('/').any(|name| name.starts_with('~') || is_git(name)) {
        return Err("a file edit may not lead there");
    }
    if let Some(why) = path.split('/').find_map(foreign_to_windows) {
        return Err(why);
    }
    let too_long = path.len() > PATH_LIMIT || path.split('/').count() > DEPTH_LIMIT;
    if too_long || path.split('/').any(|name| name.len() > NAME_LIMIT) {
        return Err("the path is too long");
    }
    Ok(path)
}

fn is_plain(c: char) -> bool {
    // Letters that show nothing.
    let unseen = matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    (c.is_alphanumeric() && !unseen) || "/._-+@$%=,!#~()'".contains(c)
}

fn is_git(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_lowercase();
    name == ".git" || name.starts_with("git~") || name.starts_with(".git~")
}

/// Equal for paths that a file system without case takes for one.
pub(super) fn folded(path: &str) -> String {
    let names = path.split('/').map(|name| name.trim_end_matches('.'));
    names.collect::<Vec<_>>().join("/").to_lowercase()
}

/// A path without `.` and `..`, by its text alone; a `..` that leads out is dropped.
pub(super) fn resolved(path: &str) -> String {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    names.join("/")
}

/// Whether one path ends with the other, name by name.
pub(super) fn ends_alike(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let rest = long.strip_suffix(short);
    !short.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// The last name of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The names of the folders above, outermost first.
pub(super) fn folders(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    above.split('/').filter(|name| !name.is_empty())
}
