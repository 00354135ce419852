use super::control_table::ControlTable;
use super::{RelativePath, Root};

/// What a control-plane file controls, or `None` for an ordinary file.
///
/// Such a file makes a tool run something, or tells it what may run, sooner or later and without another question: a
/// change to it is asked for by itself. Names are compared without case.
pub fn protected(path: &RelativePath) -> Option<&'static str> {
    ControlTable::get().what(&path.folded())
}

/// As [`protected`], with a look at what is there: settings beside a `HEAD` are those of a repository, which git obeys
/// wherever it stands.
pub fn protected_in(root: &Root, path: &RelativePath) -> Option<&'static str> {
    let folded = path.folded();
    ControlTable::get().what(&folded).or_else(|| {
        if folded.rsplit('/').next() != Some("config") {
            return None;
        }
        let folder = path.as_str().strip_suffix(path.name())?;
        let head = RelativePath::parse(&format!("{folder}HEAD")).ok()?;
        root.stat(&head).ok()?.is_some().then_some("git")
    })
}
