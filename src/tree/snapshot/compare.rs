use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::preview::covers;
use super::super::root::SIZE_LIMIT;
use super::super::{Change, Links, RelativePath, Root, protected_in};
use super::list::{Entry, Kind, List};
use super::{Beyond, Difference};
use crate::words::{Failure, printable_line};

/// A path that may be other in two lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) path: Vec<u8>,
    pub(super) before: Option<Entry>,
    pub(super) after: Option<Entry>,
}

type Contents = BTreeMap<Vec<u8>, Vec<u8>>;

/// Whatever may be other by what is known without reading it. `own` is a folder that is not looked at.
pub(super) fn suspects(one: &List, other: &List, own: Option<&[u8]>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (path, before) in &one.entries {
        let after = other.entries.get(path);
        if after.is_some_and(|after| before.is_untouched(after, one.begun)) {
            continue;
        }
        pairs.push((path, Some(*before), after.copied()));
    }
    for (path, after) in &other.entries {
        if !one.entries.contains_key(path) {
            pairs.push((path, None, Some(*after)));
        }
    }
    pairs.retain(|(path, ..)| !is_within(path, own));
    pairs.sort_by(|one, other| one.0.cmp(other.0));
    let pair = |(path, before, after): (&Vec<u8>, _, _)| Pair {
        path: path.clone(),
        before,
        after,
    };
    pairs.into_iter().map(pair).collect()
}

/// What of the suspects is other in truth.
pub(super) fn difference(
    root: &Root,
    pairs: &[Pair],
    contents: (&Contents, &Contents),
    declared: &[String],
) -> Result<Difference, Failure> {
    let mut found = Difference::default();
    for pair in pairs {
        let beyond = |why: &str| Beyond {
            path: shown(&pair.path).into_owned(),
            why: why.to_owned(),
        };
        let folder = |entry: Option<Entry>| entry.filter(|entry| entry.kind == Kind::Folder);
        let (before, after) = (file(pair.before), file(pair.after));
        if let (None, Some(_)) = (folder(pair.before), folder(pair.after)) {
            match readable(&pair.path) {
                Some(path) => found.folders.push(path),
                None => found.beyond.push(beyond("its name is not one that is followed")),
            }
        } else if let (Some(one), Some(other)) = (folder(pair.before), folder(pair.after)) {
            if one.mode != other.mode {
                found.beyond.push(beyond("a folder whose permissions changed"));
            }
            continue;
        }
        let is_other = |entry: Option<Entry>| entry.is_some_and(|entry| entry.kind == Kind::Other);
        if is_other(pair.before) || is_other(pair.after) {
            found.beyond.push(beyond("it is no file"));
            continue;
        }
        if before.is_none() && after.is_none() {
            continue;
        }
        let old = contents.0.get(&pair.path).filter(|_| before.is_some());
        let new = contents.1.get(&pair.path).filter(|_| after.is_some());
        let same_mode = before.map(|entry| entry.mode) == after.map(|entry| entry.mode);
        if before.is_some() && old == new && old.is_some() && same_mode && kind(before) == kind(after) {
            // Written anew as it was.
            continue;
        }
        let Some(path) = readable(&pair.path) else {
            found.beyond.push(beyond("its name is not one that is followed"));
            continue;
        };
        if [before, after]
            .iter()
            .flatten()
            .any(|entry| entry.size > SIZE_LIMIT)
        {
            found.beyond.push(beyond("it has more than 16 MiB"));
            continue;
        }
        if before.is_some() && old.is_none() {
            found.beyond.push(beyond("its bytes before are not kept"));
            continue;
        }
        if after.is_some() && new.is_none() {
            found.beyond.push(beyond("it cannot be read"));
            continue;
        }
        let mode = |entry: Option<Entry>| {
            entry
                .filter(|entry| entry.kind == Kind::File)
                .map(|entry| entry.mode)
        };
        let own = root
            .owns(&path)
            .then_some("the plan, a document of it or stepgate's state");
        found.changes.push(Change {
            from: None,
            before: old.cloned(),
            after: new.cloned(),
            mode: mode(before),
            after_mode: mode(after),
            link: Links {
                before: kind(before) == Some(Kind::Link),
                after: kind(after) == Some(Kind::Link),
            },
            protection: own.or_else(|| protected_in(root, &path)),
            declared: declared.iter().any(|declared| covers(declared, &path)),
            path,
        });
    }
    Ok(found)
}

fn file(entry: Option<Entry>) -> Option<Entry> {
    entry.filter(|entry| matches!(entry.kind, Kind::File | Kind::Link))
}

fn kind(entry: Option<Entry>) -> Option<Kind> {
    entry.map(|entry| entry.kind)
}

/// Whether a path is a folder, or in it.
pub(super) fn is_within(path: &[u8], folder: Option<&[u8]>) -> bool {
    let rest = folder.and_then(|folder| path.strip_prefix(folder));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// A path that may be written and taken away; `None` for one whose name is no text, or leads into `.git`.
pub(super) fn readable(path: &[u8]) -> Option<RelativePath> {
    RelativePath::found(std::str::from_utf8(path).ok()?).ok()
}

/// A path for a person.
pub(super) fn shown(path: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(path) {
        Ok(text) => printable_line(text),
        Err(_) => Cow::Owned(printable_line(&String::from_utf8_lossy(path)).into_owned()),
    }
}
