use super::root::{SIZE_LIMIT, refused};
use super::{RelativePath, Root, disk, protected};
use crate::reply::FileEdit;
use crate::words::{Exit, Failure};

/// A file that shall become other than it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which file.
    pub path: RelativePath,
    /// Its bytes now; `None` when it is not there.
    pub before: Option<Vec<u8>>,
    /// Its bytes then.
    pub after: Vec<u8>,
    /// Its permission bits, which it keeps; `None` for a new file, which gets the user's default.
    pub mode: Option<u32>,
    /// What it controls, when it is a [control-plane file](protected).
    pub protection: Option<&'static str>,
    /// Whether the step declares that it touches this file.
    pub declared: bool,
}

/// What the edits of a reply would change, in the order of the reply. Files that would stay as they are are left out.
///
/// `declared` are the files and folders (with a `/` at the end) that the step names. Fails with exit 8 when a path is
/// [not admitted](Root::admit), or when two of them cannot both be on every file system. Writes nothing.
pub fn preview(root: &Root, edits: &[FileEdit], declared: &[String]) -> Result<Vec<Change>, Failure> {
    let mut changes: Vec<Change> = Vec::new();
    let mut folded: Vec<(String, RelativePath)> = Vec::new();
    for edit in edits {
        let path = root.admit(&edit.path)?;
        if edit.content.len() as u64 > SIZE_LIMIT {
            return Err(refused(&edit.path, "its new content is over the limit of 16 MiB"));
        }
        let name = path.folded();
        if let Some((_, other)) = folded.iter().find(|(other, _)| collide(&name, other)) {
            let message = format!("two files of the reply cannot both be there: `{other}` and `{path}`");
            return Err(Failure::new(Exit::ReplyUnusable, "colliding-edits", message)
                .help("ask again, or make these changes by hand"));
        }
        folded.push((name, path.clone()));
        let before = root.read(&path)?;
        if before.as_deref() == Some(edit.content.as_bytes()) {
            continue;
        }
        changes.push(Change {
            mode: mode(root, &path)?,
            protection: protected(&path),
            declared: declared.iter().any(|declared| covers(declared, &path)),
            after: edit.content.clone().into_bytes(),
            path,
            before,
        });
    }
    Ok(changes)
}

/// Tells whether two folded paths are one, or one is a folder above the other.
fn collide(one: &str, other: &str) -> bool {
    let above = |folder: &str, path: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    one == other || above(one, other) || above(other, one)
}

fn covers(declared: &str, path: &RelativePath) -> bool {
    let declared = declared.strip_prefix("./").unwrap_or(declared);
    declared == path.as_str() || declared.ends_with('/') && path.as_str().starts_with(declared)
}

fn mode(root: &Root, path: &RelativePath) -> Result<Option<u32>, Failure> {
    let Some(folder) = root.folder_of(path)? else {
        return Ok(None);
    };
    let found = disk::stat(&folder, path.name()).map_err(|error| root.failed("look at", path, error))?;
    match found {
        // Replacing a file by rename does not ask whether it may be written. The user did ask, by its mode.
        Some(found) if found.st_mode & 0o200 == 0 => Err(refused(path.as_str(), "it is read-only")),
        Some(found) => Ok(Some(found.st_mode & 0o777)),
        None => Ok(None),
    }
}
