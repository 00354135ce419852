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

/// What other habits of writing info strings put around words: a path that holds one is in doubt without double quotes.
const DOUBTFUL: &[char] = &['"', '\'', '`', '{', '}'];

/// Reads an info string: `None` where it has none of the keys, and the block is only shown.
///
/// A word of it is `KEY=PATH`, the path in double quotes where it holds blanks; all other words (the language, a title)
/// mean nothing. Fails when a path is empty or it is in doubt where it ends, when a key is part of another word, and when
/// the keys contradict each other: whoever wrote that meant an edit, and no other path than theirs may be taken for it.
pub(super) fn read(info: &str) -> Result<Option<Info>, &'static str> {
    let mut found: Option<(&'static str, String)> = None;
    let mut to = None;
    let mut odd_quotes = false;
    let mut rest = info;
    while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
        rest = &rest[start..];
        let key = KEYS
            .into_iter()
            .chain(["to"])
            .find(|key| rest.strip_prefix(key).is_some_and(|rest| rest.starts_with('=')));
        // `to=` alone is a word like any other.
        let Some(key) = key.filter(|key| *key != "to" || found.is_some()) else {
            let word = other_word(rest);
            odd_quotes |= word.matches('"').count() % 2 == 1;
            if hides_a_key(word) {
                return Err("a key of a block in the reply is part of another word");
            }
            rest = &rest[word.len()..];
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
    if odd_quotes {
        return Err("a word beside the path of a block in the reply has an opening quote and no closing one");
    }
    match (key, to) {
        ("rename", Some(to)) => Ok(Some(Info::Rename(path, to))),
        ("rename", None) => Err("a block of the reply renames a file and does not say to what"),
        (_, Some(_)) => Err("a block of the reply has a `to=` that belongs to no `rename=`"),
        ("path", None) => Ok(Some(Info::Whole(path))),
        ("edit", None) => Ok(Some(Info::Edit(path))),
        (_, None) => Ok(Some(Info::Delete(path))),
    }
}

/// The word that a text begins with, blanks between quotes included. Where a quote is not closed, it ends at the first
/// blank.
fn other_word(text: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match quote {
            Some(mark) if c == mark => quote = None,
            Some(_) => {}
            // An apostrophe is more often one than a quote.
            None if c == '"' || c == '\'' && before == '=' => quote = Some(c),
            None if c.is_whitespace() => return &text[..at],
            None => {}
        }
        before = c;
    }
    let end = match quote {
        Some(_) => text.find(char::is_whitespace),
        None => None,
    };
    &text[..end.unwrap_or(text.len())]
}

/// Whether a word holds one of the keys as another habit of writing has it: `{path=a}`, `rust,path=a`, `Path=a`.
fn hides_a_key(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    KEYS.iter().any(|key| {
        word.match_indices(key).any(|(at, _)| {
            let begins = word[..at]
                .chars()
                .next_back()
                .is_none_or(|c| c.is_whitespace() || "\"'`{([,;:".contains(c));
            begins && word[at + key.len()..].starts_with('=')
        })
    })
}

/// A path at the beginning of a text, and what stands behind it.
fn value(text: &str) -> Result<(String, &str), &'static str> {
    let (path, after) = if let Some(quoted) = text.strip_prefix('"') {
        let Some(end) = quoted.find('"') else {
            return Err("the path of a block in the reply has an opening quote and no closing one");
        };
        (&quoted[..end], &quoted[end + 1..])
    } else {
        let (path, after) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
        if path.contains(DOUBTFUL) || path.ends_with([',', ';']) {
            return Err(
                "a path in the reply has a quote, a brace or a comma at its end, and no double quotes around it",
            );
        }
        if !(after.is_empty() || after.starts_with([' ', '\t'])) {
            return Err("a path in the reply has a blank of a rare kind, and no double quotes around it");
        }
        (path, after)
    };
    if !after.is_empty() && !after.starts_with(char::is_whitespace) {
        return Err("text stands right behind the quoted path of a block in the reply");
    }
    if path.trim().is_empty() {
        return Err("a block of the reply names an empty path");
    }
    Ok((path.to_owned(), after))
}
