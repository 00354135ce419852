use super::control::CONTROL;
use super::{RelativePath, Root};

/// Ends of sources and texts, which may be about a tool whose file they are called like.
const SOURCES: &[&str] = &[
    ".rs", ".md", ".py", ".ts", ".js", ".go", ".java", ".kt", ".rb", ".php", ".c", ".h", ".cc", ".cpp",
    ".cs", ".swift", ".html", ".css", ".txt", ".svg",
];

/// What a control-plane file controls, or `None` for an ordinary file.
///
/// Such a file makes a tool run something, or tells it what may run, sooner or later and without another question: a
/// change to it is asked for by itself. Names are compared without case.
pub fn protected(path: &RelativePath) -> Option<&'static str> {
    let path = path.folded();
    let mut words = CONTROL
        .iter()
        .flat_map(|(what, words)| words.split_whitespace().map(move |word| (*what, word)));
    words
        .find(|(_, word)| is_meant(&path, word))
        .map(|(what, _)| what)
}

/// As [`protected`], with a look at what is there: settings beside a `HEAD` are those of a repository, which git obeys
/// wherever it stands.
pub fn protected_in(root: &Root, path: &RelativePath) -> Option<&'static str> {
    protected(path).or_else(|| {
        let folder = path.as_str().strip_suffix(path.name())?;
        let head = RelativePath::parse(&format!("{folder}HEAD")).ok()?;
        let settings = path.folded().rsplit('/').next() == Some("config");
        (settings && root.stat(&head).ok()?.is_some()).then_some("git")
    })
}

/// Whether a folded path is one of those that a word of the [table](CONTROL) stands for.
fn is_meant(path: &str, word: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if word.ends_with('/') {
        return path.starts_with(word) || beneath(path, word).next().is_some();
    }
    if let Some((begin, end)) = word.split_once('*') {
        let long_enough = name.len() >= begin.len() + end.len();
        let about_it =
            end.is_empty() && !begin.starts_with('.') && SOURCES.iter().any(|end| name.ends_with(end));
        return long_enough && name.starts_with(begin) && name.ends_with(end) && !about_it;
    }
    if word.contains('/') {
        return path == word || beneath(path, word).any(|rest| rest.is_empty());
    }
    name == word
}

/// What stands behind each place of a path where folders begin with these.
fn beneath<'p>(path: &'p str, folders: &str) -> impl Iterator<Item = &'p str> {
    let places = path.match_indices(folders);
    places
        .filter(|(at, _)| path[..*at].ends_with('/'))
        .map(|(at, found)| &path[at + found.len()..])
}
