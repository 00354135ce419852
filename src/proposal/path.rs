//! Paths of the repository as text: from the root, with `/` between names.

/// The folder of a path; empty for the root.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last name of a path.
pub fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A name in a folder, which may be the root.
pub fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// What a relative path leads to from a folder; `None` where it leads out of the root.
pub(super) fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

/// The way from a folder to a path.
pub(super) fn relative(folder: &str, path: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    let to: Vec<&str> = path.split('/').collect();
    let above = to.len().saturating_sub(1);
    let same = from
        .iter()
        .zip(&to[..above])
        .take_while(|(one, other)| one == other)
        .count();
    let ups = std::iter::repeat_n("..", from.len() - same);
    ups.chain(to[same..].iter().copied())
        .collect::<Vec<_>>()
        .join("/")
}
