//! Traps of a check's own.

use super::block::{Block, shell_words};
use super::line::parts;

/// What a command has a trap do at one of these signals, as it stands within its quotes.
pub(super) fn traps(text: &str, signals: &[&str]) -> Option<String> {
    parts(text).iter().find_map(|part| {
        let words = shell_words(&part.words().collect::<Vec<_>>().join(" "));
        let [name, action, named @ ..] = words.as_slice() else {
            return None;
        };
        let named = name == "trap" && named.iter().any(|word| signals.contains(&word.as_str()));
        named.then(|| action.trim_matches(['\'', '"']).to_owned())
    })
}

/// Whether a trap that one of these commands sets, and none after it sets anew, ends the shell with 0 in the place of how
/// it ended.
pub(super) fn overwrites(commands: &[&str], block: &Block) -> bool {
    [["EXIT", "0"], ["ERR", "ERR"]].iter().any(|signals| {
        let action = commands.iter().rev().find_map(|text| traps(text, signals));
        action.is_some_and(|action| {
            let called = block.body(action.trim()).unwrap_or_default();
            [action.as_str(), called].iter().any(|text| {
                let inside = text.trim_matches(['{', '(', ')', '}', ' ']);
                parts(inside)
                    .iter()
                    .any(|part| part.words().collect::<Vec<_>>().starts_with(&["exit", "0"]))
            })
        })
    })
}
