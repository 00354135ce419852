use super::file::File;
use crate::words::Failure;

/// What the reader of TOML refuses, in our words: its place, and for a name that is unknown the one that was meant.
pub(super) fn refused(file: &File<'_>, error: &toml::de::Error) -> Failure {
    let message = error.message().trim();
    let span = error.span().unwrap_or_default();
    let unknown = ["unknown field `", "unknown variant `"];
    if let Some(rest) = unknown.iter().find_map(|begin| message.strip_prefix(begin))
        && let Some((word, expected)) = rest.split_once("`, ")
    {
        let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let (head, _) = message.split_at(message.len() - expected.len() - 2);
        let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        let failure = file.refuse(span, head);
        let failure = match nearest(word, &known) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure,
        };
        return failure.help(format!("known here: {}", names.join(", ")));
    }
    // Messages of our own say what to do in a second line.
    match message.split_once('\n') {
        Some((message, help)) => file.refuse(span, message).help(help),
        None => file.refuse(span, message),
    }
}

/// The one of `known` that `word` was most likely meant to be.
fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(word, name), *name))
        .filter(|(distance, name)| *distance <= 1.max(name.chars().count() / 3) || word.starts_with(name))
        .min()
        .map(|(_, name)| name)
}
