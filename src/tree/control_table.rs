//! The [table](CONTROL) of control-plane files in a form that is asked quickly: a rollback and a preview ask it about each
//! of their files.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::control::CONTROL;

/// Ends of sources and texts, which may be about a tool whose file they are called like.
const SOURCES: &[&str] = &[
    ".rs", ".md", ".py", ".ts", ".js", ".go", ".java", ".kt", ".rb", ".php", ".c", ".h", ".cc", ".cpp",
    ".cs", ".swift", ".html", ".css", ".txt", ".svg",
];

static TABLE: LazyLock<ControlTable> = LazyLock::new(|| ControlTable::of(CONTROL));

/// A table like [`CONTROL`], with its words by what they are about; each with its row.
pub(super) struct ControlTable {
    rows: Vec<&'static str>,
    /// Names of files.
    names: HashMap<&'static str, usize>,
    /// Files in folders, by the file's name.
    files: HashMap<&'static str, Vec<(&'static str, usize)>>,
    /// Folders, by the last of their names.
    folders: HashMap<&'static str, Vec<(&'static str, usize)>>,
    /// By the byte that they end with, `None` where they end with anything.
    globs: HashMap<Option<u8>, Vec<Glob>>,
}

struct Glob {
    begin: &'static str,
    end: &'static str,
    row: usize,
}

impl ControlTable {
    /// The one of all control-plane files.
    pub(super) fn get() -> &'static Self {
        &TABLE
    }

    /// Sorts the words of a table.
    pub(super) fn of(table: &[(&'static str, &'static str)]) -> Self {
        let mut sorted = Self {
            rows: table.iter().map(|(what, _)| *what).collect(),
            names: HashMap::new(),
            files: HashMap::new(),
            folders: HashMap::new(),
            globs: HashMap::new(),
        };
        for (row, (_, words)) in table.iter().enumerate() {
            for word in words.split_whitespace() {
                sorted.take(row, word);
            }
        }
        sorted
    }

    fn take(&mut self, row: usize, word: &'static str) {
        if let Some(folder) = word.strip_suffix('/') {
            self.folders.entry(last(folder)).or_default().push((folder, row));
        } else if let Some((begin, end)) = word.split_once('*') {
            let glob = Glob { begin, end, row };
            let end = end.bytes().last();
            self.globs.entry(end).or_default().push(glob);
        } else if word.contains('/') {
            self.files.entry(last(word)).or_default().push((word, row));
        } else {
            // The first row that has a file says what it is.
            self.names.entry(word).or_insert(row);
        }
    }

    /// What the first row says that has a file; `None` where none has. The path is [folded](super::RelativePath::folded).
    pub(super) fn what(&self, path: &str) -> Option<&'static str> {
        let name = last(path);
        let named = self.names.get(name).copied();
        let files = ending_with(&self.files, path);
        let folders = path
            .match_indices('/')
            .filter_map(|(at, _)| ending_with(&self.folders, &path[..at]));
        let globs = [None, name.bytes().last()];
        let globs = globs.iter().filter_map(|end| self.globs.get(end)).flatten();
        let globs = globs.filter(|glob| glob.has(name));
        let rows = named.into_iter().chain(files).chain(folders);
        let row = rows.chain(globs.map(|glob| glob.row)).min()?;
        self.rows.get(row).copied()
    }
}

impl Glob {
    fn has(&self, name: &str) -> bool {
        let Self { begin, end, .. } = self;
        let fits = name.len() >= begin.len() + end.len() && name.starts_with(begin) && name.ends_with(end);
        // About the tool, not for it.
        let about_it = || {
            let open = end.is_empty() && !begin.starts_with('.');
            open && SOURCES.iter().any(|end| name.ends_with(end))
        };
        fits && !about_it()
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The first row of the words that a path ends with, by whole names.
fn ending_with(words: &HashMap<&'static str, Vec<(&'static str, usize)>>, path: &str) -> Option<usize> {
    let words = words.get(last(path))?;
    let meant = words.iter().filter(|(word, _)| {
        let above = path.strip_suffix(word);
        above.is_some_and(|above| above.is_empty() || above.ends_with('/'))
    });
    meant.map(|(_, row)| *row).min()
}
