//! How much a section of a document has to do with a step: by the words that both have.

use std::collections::{BTreeMap, BTreeSet};

/// What a shared word counts.
const WORD: u64 = 1;

/// What a shared name counts: a path, an identifier, an id such as `REQ-12`.
const NAME: u64 = 5;

/// What a word of the heading counts more.
const HEADING: u64 = 3;

/// So that a word's weight can be shared among the sections that have it without fractions.
const UNIT: u64 = 10_000;

/// The words of a text, each with what it counts.
pub(super) type Words = BTreeMap<String, u64>;

/// The words of a text in lower case: those of three letters and more, and names, both whole and in their pieces.
pub(super) fn words(text: &str) -> Words {
    let mut words = Words::new();
    let outside = |c: char| c.is_whitespace() || "`'\"()[]{}<>,;!?*|=".contains(c);
    for lump in text.split(outside) {
        let lump = lump.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
        if lump.is_empty() {
            continue;
        }
        if is_name(lump) {
            words.insert(lump.to_lowercase(), NAME);
            if let Some((_, file)) = lump.rsplit_once('/').filter(|(_, file)| !file.is_empty()) {
                words.insert(file.to_lowercase(), NAME);
            }
        }
        let pieces = lump.split(|c: char| !c.is_alphanumeric());
        for piece in pieces.filter(|piece| piece.chars().count() >= 3) {
            words.entry(piece.to_lowercase()).or_insert(WORD);
        }
    }
    words
}

/// Whether a lump of characters is more than a word: something joins its pieces, or an upper-case letter follows a
/// lower-case one, or it has a digit.
fn is_name(lump: &str) -> bool {
    let joined = lump.contains(['/', '.', '_', '-', ':']);
    let digit = lump.contains(|c: char| c.is_ascii_digit());
    let humps = lump
        .chars()
        .zip(lump.chars().skip(1))
        .any(|(one, next)| one.is_lowercase() && next.is_uppercase());
    joined || digit || humps
}

/// What each section has to do with a step, as a number: more is nearer. `sections` are heading and text of each, the
/// heading being in the text.
///
/// A word of the step that a section has counts by its kind, three times as much again in the heading, and is shared
/// among all sections that have it: what stands everywhere tells little.
pub(super) fn relevance(step: &Words, sections: &[(&str, &str)]) -> Vec<u64> {
    let known: Vec<(BTreeSet<String>, BTreeSet<String>)> = sections
        .iter()
        .map(|(heading, text)| {
            let of = |text: &str| {
                words(text)
                    .into_keys()
                    .filter(|word| step.contains_key(word))
                    .collect()
            };
            (of(heading), of(text))
        })
        .collect();
    let mut spread: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, text) in &known {
        for word in text {
            *spread.entry(word).or_default() += 1;
        }
    }
    let value = |(heading, text): &(BTreeSet<String>, BTreeSet<String>)| {
        let each = text.iter().map(|word| {
            let more = if heading.contains(word) { 1 + HEADING } else { 1 };
            step[word] * UNIT * more / spread[word.as_str()]
        });
        each.sum()
    };
    known.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_whole_and_in_pieces() {
        let found = words("Write `src/tree/apply_all.rs` for REQ-12, as the fileMode says.");
        let names: Vec<&str> = found
            .iter()
            .filter(|(_, kind)| **kind == NAME)
            .map(|(word, _)| word.as_str())
            .collect();
        assert_eq!(
            names,
            ["apply_all.rs", "filemode", "req-12", "src/tree/apply_all.rs"]
        );
        let plain: Vec<&str> = found
            .iter()
            .filter(|(_, kind)| **kind == WORD)
            .map(|(word, _)| word.as_str())
            .collect();
        assert_eq!(
            plain,
            [
                "all", "apply", "for", "req", "says", "src", "the", "tree", "write"
            ]
        );
    }

    #[test]
    fn what_shares_names_is_nearer_than_what_shares_words() {
        let step = words("Store the journal in src/state/journal.rs, by REQ-7");
        let sections = [
            ("Colours", "# Colours\nThe page is blue."),
            ("Paper", "# Paper\nThe journal is printed."),
            ("Evidence", "# Evidence\nBy REQ-7, kept in src/state/journal.rs."),
            ("The journal", "# The journal\nPages."),
        ];
        let found = relevance(&step, &sections);
        let mut order: Vec<usize> = (0..4).collect();
        order.sort_by_key(|at| found[*at]);
        assert_eq!(order, [0, 1, 3, 2], "{found:?}");
        assert_eq!(relevance(&step, &[]), [0; 0]);
    }
}
