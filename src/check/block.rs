//! What the rest of a block says about one of its commands.

use super::line::{Part, is_open, parts};

/// The words of a text as bash divides it: what is quoted or in parentheses stays together.
pub(super) fn shell_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut goes_on = false;
    for word in text.split_whitespace() {
        match words.last_mut().filter(|_| goes_on) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => words.push(word.to_owned()),
        }
        goes_on = words.last().is_some_and(|last| is_open(last));
    }
    words
}

/// The name that a word gives a value to, and the value.
pub(super) fn assigned(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    is_name(name).then_some((name, value))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(in_name)
}

fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a command makes a function. What looks like one and is none does no harm.
pub(super) fn makes_function(text: &str) -> bool {
    function(text).is_some()
}

/// The name and the rest of a function that a text begins to make.
fn function(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let after = text.strip_prefix("function");
    if let Some(rest) = after.filter(|rest| rest.starts_with(char::is_whitespace)) {
        let rest = rest.trim_start();
        let end = rest.find([' ', '\t', '\n', '(', '{']).unwrap_or(rest.len());
        return Some((&rest[..end], rest[end..].trim_start_matches("()")));
    }
    let (name, rest) = text.split_once('(')?;
    let rest = rest.trim_start().strip_prefix(')')?;
    let name = name.trim_end();
    let odd = |c: char| c.is_whitespace() || "=$'\"`\\|&;<>?*".contains(c);
    (!name.is_empty() && !name.contains(odd)).then_some((name, rest))
}

/// A block as a whole: what is read again, set and made in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    text: String,
    /// Each function with what stands between its braces.
    functions: Vec<(String, String)>,
}

impl Block {
    /// Reads the lines of a block that bash reads as commands.
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let lines: Vec<&str> = lines.collect();
        let begun = |(index, line): (usize, &&str)| {
            let (name, rest) = function(line)?;
            let mut body = rest.to_owned();
            let closed = |line: &str| line.ends_with(['}', ')']);
            if !closed(rest) {
                for line in lines[index + 1..].iter().take(LONGEST) {
                    body.push('\n');
                    body.push_str(line);
                    if line.starts_with(['}', ')']) {
                        break;
                    }
                }
            }
            Some((name.to_owned(), body))
        };
        Self {
            functions: lines.iter().enumerate().filter_map(begun).collect(),
            text: lines.join("\n"),
        }
    }

    /// What a function of the block does, by its name.
    pub(super) fn body(&self, name: &str) -> Option<&str> {
        self.functions
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, body)| body.as_str())
    }

    /// Whether a command decides by the value of a name: a test, `if`, `case`, `exit` or `return`.
    pub(super) fn decides_by(&self, name: &str) -> bool {
        parts(&self.text).iter().any(|part| decides(part.text, &[name]))
    }

    /// Whether a command other than this one decides by the value of a name.
    pub(super) fn decides_besides(&self, text: &str, name: &str) -> bool {
        parts(&self.text)
            .iter()
            .any(|part| !part.text.contains(text) && decides(part.text, &[name]))
    }

    /// Whether a value is given to a name within the block.
    pub(super) fn sets(&self, name: &str) -> bool {
        let given = |(at, _): (usize, &str)| {
            let before = self.text[..at].chars().next_back();
            let after = &self.text[at + name.len()..];
            !before.is_some_and(|c| in_name(c) || c == '$' || c == '{')
                && (after.starts_with('=') || after.starts_with("+=") || after.starts_with('['))
        };
        let reads = |part: &Part<'_>| {
            let words: Vec<&str> = part.text.split_whitespace().collect();
            words.contains(&name) && words.iter().any(|word| GIVERS.contains(word))
        };
        self.text.match_indices(name).any(given) || parts(&self.text).iter().any(reads)
    }
}

/// Lines of a function that are looked at.
const LONGEST: usize = 200;

/// Commands that give values to the names after them.
const GIVERS: &[&str] = &[
    "read",
    "for",
    "select",
    "mapfile",
    "readarray",
    "getopts",
    "-v",
    "local",
    "declare",
];

/// Whether a simple command goes one way or another by one of these variables (`?` is the status of the last command).
pub(super) fn decides(text: &str, names: &[&str]) -> bool {
    let openers = [
        "then", "else", "do", "{", "(", "!", "if", "elif", "while", "until",
    ];
    let words: Vec<String> = shell_words(text);
    let mut words = words
        .iter()
        .map(String::as_str)
        .skip_while(|word| openers.contains(word));
    let Some(first) = words.next() else {
        return false;
    };
    let decides = ["[", "[[", "test", "case", "exit", "return"].contains(&first) || first.starts_with("((");
    decides && names.iter().any(|name| reads(text, name))
        || first.starts_with("((") && names.iter().any(|name| has_name(text, name))
}

/// Whether the value of a variable is used in a text.
pub(super) fn reads(text: &str, name: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches(['{', '#', '!']);
        let rest = rest.strip_prefix(name);
        rest.is_some_and(|rest| !is_name(name) || !rest.starts_with(in_name))
    })
}

fn has_name(text: &str, name: &str) -> bool {
    text.split(|c: char| !in_name(c)).any(|word| word == name)
}
