use std::fmt;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use serde::{Deserialize, Serialize};
use unicase::UniCase;

use crate::words::{foreign_to_windows, printable_line};

const PATH_LIMIT: usize = 1024;
const NAME_LIMIT: usize = 255;
const DEPTH_LIMIT: usize = 64;

/// A path beneath the root, `/` between its components, in a form that is safe on every system. Its text alone was
/// looked at; what it leads to is looked at each time that it is followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelativePath(String);

/// Why a path cannot be one of the tree, by its text alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathProblem {
    /// Nothing, or an empty component (`a//b`, `a/`).
    #[error("a part of the path is empty")]
    Empty,
    /// Begins with `/`.
    #[error("the path is absolute")]
    Absolute,
    /// `.` or `..`.
    #[error("the path has a `.` or `..` in it")]
    Dots,
    /// A component that begins with `~`, which a shell may take for a home folder.
    #[error("a part of the path begins with `~`")]
    Tilde,
    /// A backslash, or a colon, which make it absolute or a hidden stream on Windows.
    #[error("the path has a backslash or a colon in it")]
    Windows,
    /// Control characters, invisible ones, or ones that turn the direction of writing.
    #[error("the path has invisible characters in it")]
    Invisible,
    /// `.git`, in any spelling that some file system takes for it.
    #[error("the path leads into `.git`")]
    Git,
    /// Past 1024 bytes, 255 in a component, or 64 components.
    #[error("the path is too long")]
    TooLong,
}

impl RelativePath {
    /// Reads a path. One leading `./` is taken off; models like to write it.
    pub(crate) fn parse(text: &str) -> Result<Self, PathProblem> {
        let path = text.strip_prefix("./").unwrap_or(text);
        if path.starts_with('/') {
            return Err(PathProblem::Absolute);
        }
        if path.contains(['\\', ':']) {
            return Err(PathProblem::Windows);
        }
        if printable_line(path) != path || path.chars().any(is_invisible) {
            return Err(PathProblem::Invisible);
        }
        if path.len() > PATH_LIMIT || path.split('/').count() > DEPTH_LIMIT {
            return Err(PathProblem::TooLong);
        }
        for name in path.split('/') {
            if name.trim().is_empty() {
                return Err(PathProblem::Empty);
            }
            if name == "." || name == ".." {
                return Err(PathProblem::Dots);
            }
            if name.starts_with('~') {
                return Err(PathProblem::Tilde);
            }
            if name.len() > NAME_LIMIT {
                return Err(PathProblem::TooLong);
            }
            if is_git(name) {
                return Err(PathProblem::Git);
            }
        }
        Ok(Self(path.to_owned()))
    }

    /// Takes a name that was found in the tree, or is on record, for a path of it: any that a file can have, but none that
    /// leads into `.git`.
    pub(super) fn found(text: &str) -> Result<Self, PathProblem> {
        for name in text.split('/') {
            match name {
                "" => return Err(PathProblem::Empty),
                "." | ".." => return Err(PathProblem::Dots),
                name if is_git(name) => return Err(PathProblem::Git),
                name if name.contains('\0') => return Err(PathProblem::Invisible),
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether it is one that a folder of this name has beneath it.
    pub(super) fn is_beneath(&self, folder: &Self) -> bool {
        let rest = self.0.strip_prefix(&folder.0);
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// The path as text, as the file system has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its components, at least one.
    pub(crate) fn names(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last component.
    pub(crate) fn name(&self) -> &str {
        self.names().next_back().unwrap_or(&self.0)
    }

    /// The folders above it, outermost first.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }

    /// Why it would be no path, or another one, on Windows; `None` where it is the same there.
    pub(super) fn foreign_to_windows(&self) -> Option<&'static str> {
        self.names().find_map(foreign_to_windows)
    }

    /// Equal for paths that a file system without case, or with other forms of a letter, takes for one.
    pub(crate) fn folded(&self) -> String {
        folded(&self.0)
    }
}

/// Letters of one case and in one form. Windows also drops dots and spaces at the end of a name.
pub(crate) fn folded(path: &str) -> String {
    // Nearly every path, and each of a rollback is asked for several times.
    if path.is_ascii() && path.split('/').all(|name| !name.ends_with(['.', ' '])) {
        return path.to_ascii_lowercase();
    }
    let names = path
        .split('/')
        .map(|name| one_case(name.trim_end_matches(['.', ' '])));
    names.collect::<Vec<_>>().join("/")
}

/// The canonical caseless form of the Unicode standard (3.13, D145): `é` is one letter or two, `ß` is `SS`. Wider than any
/// file system by itself; each of them leaves some of it out.
fn one_case(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let apart = DecomposingNormalizerBorrowed::new_nfd().normalize(name);
    let folded = UniCase::unicode(apart).to_folded_case();
    ComposingNormalizerBorrowed::new_nfc()
        .normalize(&folded)
        .into_owned()
}

/// Characters that show nothing. HFS+ ignores most of them in names, so `.g\u{200c}it` is `.git` there.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// `.git` in any case, with what Windows drops at its end, or by its short name (`GIT~1`).
fn is_git(name: &str) -> bool {
    let name = name.trim_end_matches(['.', ' ']).to_lowercase();
    let short = name.strip_prefix("git~").or_else(|| name.strip_prefix(".git~"));
    name == ".git" || short.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
}

/// Safe to show: an agent may have given a file any name.
impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable_line(&self.0))
    }
}

impl TryFrom<String> for RelativePath {
    type Error = PathProblem;

    fn try_from(text: String) -> Result<Self, PathProblem> {
        Self::found(&text)
    }
}

impl From<RelativePath> for String {
    fn from(path: RelativePath) -> Self {
        path.0
    }
}
