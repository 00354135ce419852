use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use super::Change;
use crate::words::printable;

/// What a line of a diff is, so that a face may colour it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// The names of the file before and after.
    File,
    /// Where a hunk stands.
    Hunk,
    /// A line that stays.
    Context,
    /// A line that is new; its text begins with `+`.
    Added,
    /// A line that goes; its text begins with `-`.
    Removed,
    /// A word of ours, such as `\ no newline at end of file`.
    Note,
}

/// One line of a diff, safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// What it is.
    pub kind: LineKind,
    /// Its text without the line end; control characters are spelled out.
    pub text: String,
}

/// The difference that a change makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// Every line, as in a unified diff.
    pub lines: Vec<DiffLine>,
    /// How many lines are new.
    pub added: usize,
    /// How many lines go.
    pub removed: usize,
}

/// After this the diff is no longer the smallest one, but still a right one.
const DEADLINE: Duration = Duration::from_secs(1);

/// The unified diff of a change, whole: nothing is cut, so that nothing is hidden.
pub fn diff(change: &Change) -> Diff {
    let mut diff = Diff {
        lines: Vec::new(),
        added: 0,
        removed: 0,
    };
    if let Some(from) = &change.from {
        diff.push(LineKind::File, &format!("rename from {from}"));
        diff.push(LineKind::File, &format!("rename to {}", change.path));
        if change.before == change.after {
            return diff;
        }
    }
    if let (Some(old), Some(new)) = (change.mode, change.after_mode)
        && old != new
    {
        diff.push(LineKind::File, &format!("old mode {old:o}"));
        diff.push(LineKind::File, &format!("new mode {new:o}"));
    }
    let name = |there, side| match there {
        true => format!("{side}/{}", change.path),
        false => "/dev/null".to_owned(),
    };
    if change.after.is_none() {
        diff.push(LineKind::File, &format!("delete {}", change.path));
    }
    let old = match &change.from {
        Some(from) => format!("a/{from}"),
        None => name(change.before.is_some(), "a"),
    };
    diff.push(LineKind::File, &format!("--- {old}"));
    let new = name(change.after.is_some(), "b");
    diff.push(LineKind::File, &format!("+++ {new}"));
    if !change.link.none() {
        diff.push(LineKind::Note, "a symbolic link: its text is where it leads");
    }
    let before = change.before.as_deref().unwrap_or_default();
    let after = change.after.as_deref().unwrap_or_default();
    let (Ok(before), Ok(after)) = (std::str::from_utf8(before), std::str::from_utf8(after)) else {
        let note = format!(
            "a binary file: {} bytes before, {} after",
            before.len(),
            after.len()
        );
        diff.push(LineKind::Note, &note);
        return diff;
    };
    if before.is_empty() && after.is_empty() {
        diff.push(LineKind::Note, "an empty file");
    }
    let text = TextDiff::configure().timeout(DEADLINE).diff_lines(before, after);
    for hunk in text.unified_diff().context_radius(3).iter_hunks() {
        diff.push(LineKind::Hunk, hunk.header().to_string().trim_end());
        for line in hunk.iter_changes() {
            let (kind, sign) = match line.tag() {
                ChangeTag::Equal => (LineKind::Context, ' '),
                ChangeTag::Insert => (LineKind::Added, '+'),
                ChangeTag::Delete => (LineKind::Removed, '-'),
            };
            diff.added += usize::from(kind == LineKind::Added);
            diff.removed += usize::from(kind == LineKind::Removed);
            let value = line.value();
            diff.push(
                kind,
                &format!("{sign}{}", value.strip_suffix('\n').unwrap_or(value)),
            );
            if line.missing_newline() {
                diff.push(LineKind::Note, "\\ no newline at end of file");
            }
        }
    }
    diff
}

impl Diff {
    fn push(&mut self, kind: LineKind, text: &str) {
        self.lines.push(DiffLine {
            kind,
            text: printable(text).into_owned(),
        });
    }
}
