/// What an info string says of its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Info {
    /// `path=PATH`: the file as a whole.
    Whole(String),
    /// `edit=PATH`: changes to the file.
    Edit(String),
    /// `delete=PATH`.
    Delete(String),
    /// `rename=OLD to=NEW`.
    Rename(String, String),
}

const KEYS: [&str; 4] = ["path", "edit", "delete", "rename"];

/// Reads an info string: `None` where it has none of the keys, and the block is only shown.
///
/// A word of it is `KEY=PATH`, the path in double quotes where it holds blanks; all other words (the language, a title)
/// mean nothing. Fails when a path is empty or its quotes are odd, and when the keys contradict each other.
pub(super) fn read(info: &str) -> Result<Option<Info>, &'static str> {
    let mut found: Option<(&'static str, String)> = None;
    let mut to = None;
    let mut rest = info;
    while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
        rest = &rest[start..];
        let key = KEYS
            .into_iter()
            .chain(["to"])
            .find(|key| rest.strip_prefix(key).is_some_and(|rest| rest.starts_with('=')));
        // `to=` alone is a word like any other.
        let Some(key) = key.filter(|key| *key != "to" || found.is_some()) else {
            rest = &rest[rest.find(char::is_whitespace).unwrap_or(rest.len())..];
            continue;
        };
        let (path, after) = value(&rest[key.len() + 1..])?;
        rest = after;
        if key == "to" {
            if to.replace(path).is_some() {
                return Err("a block of the reply names two paths behind `to=`");
            }
        } else if let Some((first, _)) = found.replace((key, path)) {
            return Err(if first == key {
                "a block of the reply names two paths"
            } else {
                "a block of the reply asks for two things at once"
            });
        }
    }
    let Some((key, path)) = found else {
        return Ok(None);
    };
    match (key, to) {
        ("rename", Some(to)) => Ok(Some(Info::Rename(path, to))),
        ("rename", None) => Err("a block of the reply renames a file and does not say to what"),
        (_, Some(_)) => Err("a block of the reply has a `to=` that belongs to no `rename=`"),
        ("path", None) => Ok(Some(Info::Whole(path))),
        ("edit", None) => Ok(Some(Info::Edit(path))),
        (_, None) => Ok(Some(Info::Delete(path))),
    }
}

/// A path at the beginning of a text, and what stands behind it.
fn value(text: &str) -> Result<(String, &str), &'static str> {
    let (path, after) = if let Some(quoted) = text.strip_prefix('"') {
        let Some(end) = quoted.find('"') else {
            return Err("the path of a block in the reply has an opening quote and no closing one");
        };
        (&quoted[..end], &quoted[end + 1..])
    } else {
        text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
    };
    if !after.is_empty() && !after.starts_with(char::is_whitespace) {
        return Err("text stands right behind the quoted path of a block in the reply");
    }
    if path.trim().is_empty() {
        return Err("a block of the reply names an empty path");
    }
    Ok((path.to_owned(), after))
}
