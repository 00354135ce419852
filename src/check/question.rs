//! What stands before `&&` and is a question: that it fails is no failure.

use super::block::{Block, assigned, decides, shell_words};
use super::line::{Joint, Part, parts};

/// Words that stand before a command in a compound one.
const OPENERS: &[&str] = &["then", "else", "do", "{", "("];

/// Commands that only ask.
const TESTS: &[&str] = &[
    "[", "[[", "test", "command", "which", "type", "hash", "pgrep", "lsof",
];

/// Commands by which a loop learns whether it may end.
const PROBES: &[&str] = &[
    "grep",
    "egrep",
    "fgrep",
    "curl",
    "wget",
    "cmp",
    "diff",
    "nc",
    "ping",
    "pg_isready",
];

/// Commands that change nothing but the shell, before what they are for.
const STAGE: &[&str] = &["set", "source", ".", "cd", "pushd", "popd", "unset", "export"];

/// Commands that set the stage or tidy up, and prove nothing.
const CHORES: &[&str] = &[
    "rm",
    "rmdir",
    "mkdir",
    "mv",
    "cp",
    "ln",
    "touch",
    "chmod",
    "kill",
    "pkill",
    "killall",
    "source",
    ".",
    "cd",
    "pushd",
    "popd",
    "set",
    "unset",
    "trap",
    "sleep",
    "wait",
    "shift",
    "eval",
    "deactivate",
];

/// Words that make a command of any program a chore.
const CHORE_WORDS: &[&str] = &["install", "ci", "use", "up", "stop", "down"];

/// Another way that a command takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It fails, and the check with it.
    Fails,
    /// It ends what it stands in, and fails nothing.
    Leaves,
    /// It ends a round of a loop, or the loop.
    Loops,
}

/// The words of a part, without what only opens a compound command.
pub(super) fn command<'a>(part: &Part<'a>) -> Vec<&'a str> {
    let words = part.text.split_whitespace();
    words.skip_while(|word| OPENERS.contains(word)).collect()
}

/// Whether the parts before the last `&&` of a list are a question, by what stands after it (`right`, and `rest` of the
/// block, with the text that follows).
pub(super) fn is_question(
    before: &[Part<'_>],
    right: &Part<'_>,
    rest: &[Part<'_>],
    follows: Option<&str>,
    block: &Block,
) -> bool {
    let waits = follows.is_some_and(|text| text.split_whitespace().next() == Some("sleep"));
    let all_ask = before.iter().all(asks);
    match turn(right, rest, block) {
        Some(Turn::Fails) => return true,
        Some(Turn::Leaves) => return all_ask,
        Some(Turn::Loops) => return waits || before.iter().all(|part| asks(part) || probes(part)),
        None => {}
    }
    let staged = before.iter().position(|part| !asks(part)).unwrap_or(before.len());
    let (tests, stage) = before.split_at(staged);
    !tests.is_empty() && stage.iter().all(sets_stage) && (is_chore(right) || declares(right))
        || notes(right, all_ask, block)
        || before.iter().all(|part| asks_surroundings(part, block)) && says(right)
}

fn turn(right: &Part<'_>, rest: &[Part<'_>], block: &Block) -> Option<Turn> {
    let first = |part: &Part<'_>| {
        let inner = part.text.trim_matches(['(', ')', '{', '}']);
        parts(inner).iter().find_map(|part| turn_of(part, block))
    };
    // A group goes on to its brace.
    let group = right.text.starts_with('{');
    let inside = rest
        .iter()
        .take_while(|part| group && !part.text.starts_with('}'));
    first(right).or_else(|| inside.into_iter().find_map(first))
}

fn turn_of(part: &Part<'_>, block: &Block) -> Option<Turn> {
    let words: Vec<&str> = part.words().collect();
    let (name, rest) = words.split_first()?;
    let status = rest
        .first()
        .map_or("0", |word| word.trim_end_matches([')', '}', ';']));
    match *name {
        "false" => Some(Turn::Fails),
        "exit" | "return" if status.parse::<u8>().is_ok_and(|status| status != 0) => Some(Turn::Fails),
        "exit" | "return" => Some(Turn::Leaves),
        "break" | "continue" => Some(Turn::Loops),
        name => block.body(name).is_some_and(fails).then_some(Turn::Fails),
    }
}

/// Whether a text ends with what can only fail.
pub(super) fn fails(text: &str) -> bool {
    let parts = parts(text);
    let last = parts
        .iter()
        .rfind(|part| !part.text.chars().all(|c| "{}()".contains(c)));
    last.is_some_and(|last| {
        last.joint == Joint::Begin && turn_of(last, &Block::default()) == Some(Turn::Fails)
    })
}

/// Whether it is nothing but names that get a value, which the check decides by, or which only tests stand before.
fn notes(part: &Part<'_>, all_ask: bool, block: &Block) -> bool {
    let text = command(part).join(" ");
    if let Some(inner) = text.strip_prefix("((") {
        let names = inner.split(|c: char| !c.is_alphanumeric() && c != '_');
        let mut names = names.filter(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_'));
        return all_ask || names.any(|name| block.decides_besides(&text, name));
    }
    let words = shell_words(&text);
    let names: Option<Vec<_>> = words.iter().map(|word| assigned(word)).collect();
    names.is_some_and(|names| {
        !names.is_empty() && (all_ask || names.iter().any(|(name, _)| block.decides_by(name)))
    })
}

/// Whether the shell is told something that other commands are run with.
fn declares(part: &Part<'_>) -> bool {
    command(part)
        .first()
        .is_some_and(|word| ["export", "let", "local", "declare"].contains(word))
}

pub(super) fn asks(part: &Part<'_>) -> bool {
    let words = command(part);
    let words = words.strip_prefix(&["!"]).unwrap_or(&words);
    words
        .first()
        .is_some_and(|word| TESTS.contains(word) || word.starts_with("(("))
        || words.starts_with(&["kill", "-0"])
}

fn probes(part: &Part<'_>) -> bool {
    program(part).is_some_and(|word| PROBES.contains(&word))
}

fn sets_stage(part: &Part<'_>) -> bool {
    program(part).is_some_and(|word| STAGE.contains(&word))
        || shell_words(part.text).iter().all(|word| assigned(word).is_some())
}

/// The program of a command; a backslash before it only keeps an alias away.
fn program<'a>(part: &Part<'a>) -> Option<&'a str> {
    let opened = part.words().find(|word| !OPENERS.contains(word));
    opened.map(|word| word.trim_start_matches('\\'))
}

pub(super) fn is_chore(part: &Part<'_>) -> bool {
    program(part).is_some_and(|word| CHORES.contains(&word))
        || part.words().any(|word| CHORE_WORDS.contains(&word))
}

/// Whether a test compares nothing but variables that the block does not set, with words: what it is run in.
fn asks_surroundings(part: &Part<'_>, block: &Block) -> bool {
    let words = command(part);
    if !words
        .first()
        .is_some_and(|word| ["[", "[[", "test"].contains(word))
        || part.text.contains(['`', '('])
    {
        return false;
    }
    let mut names = part.text.match_indices('$').map(|(at, _)| {
        let rest = part.text[at + 1..].trim_start_matches('{');
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        &rest[..end]
    });
    let operators = words
        .iter()
        .all(|word| !word.starts_with('-') || ["-n", "-z", "-a", "-o"].contains(word));
    let known = |name: &str| name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !block.sets(name);
    operators && part.text.contains('$') && names.all(known)
}

/// Whether it only says something.
pub(super) fn says(part: &Part<'_>) -> bool {
    program(part).is_some_and(|word| ["echo", "printf"].contains(&word))
}

/// Whether a command decides by how the one before it ended, or notes that and the block decides by it.
pub(super) fn reads_status(text: &str, block: &Block) -> bool {
    let parts = parts(text);
    let Some(first) = parts.first() else {
        return false;
    };
    if decides(first.text, &["?", "PIPESTATUS"]) {
        return true;
    }
    let words = shell_words(first.text);
    words.iter().all(|word| assigned(word).is_some())
        && words
            .iter()
            .filter_map(|word| assigned(word))
            .any(|(name, value)| {
                ["$?", "${?", "PIPESTATUS"]
                    .iter()
                    .any(|sign| value.contains(sign))
                    && block.decides_by(name)
            })
}

/// Whether what is left out can only fail: it says or tidies up something, and ends with a status that is not 0.
pub(super) fn is_only_failure(text: &str) -> bool {
    let idle = |part: &Part<'_>| {
        let words = command(part);
        let shows = ["cat", "tail", "head"].contains(words.first().unwrap_or(&""));
        let closes = words
            .iter()
            .all(|word| ["fi", "done", "esac", ";;", "}", ")", "else"].contains(word));
        // A bare `false` may stand for anything.
        let ends = words.first() == Some(&"exit") && fails(part.text);
        closes || says(part) || shows || words.contains(&"logs") || is_chore(part) || ends
    };
    parts(text).iter().all(idle) && fails(text)
}
