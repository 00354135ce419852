//! Where a shell under `-e` goes on although a command failed: `-e` looks neither at the left side of `&&` nor at what `!`
//! turns round.

use super::block::Block;
use super::line::{Joint, Part, is_open, parts};
use super::oddity::Oddity;
use super::question::{command, is_only_failure, is_question, reads_status};
use super::trap::overwrites;

/// What becomes of a failure in a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It ends the shell, or the command has another way for it (`||`, `if`).
    Ends,
    /// It does not, and it is no failure: it decides what is done next.
    Meant,
    /// It does not, and the check can pass all the same.
    GoesOn(Oddity),
}

/// Words that begin what is a condition: that it fails is what it is for.
const CONDITIONS: &[&str] = &["if", "elif", "while", "until"];

/// Words that end a compound command and do nothing themselves. After a loop its earlier rounds are forgotten, so `done`
/// is none of them.
const CLOSERS: &[&str] = &["fi", "}", "esac", ";;", ")"];

/// What becomes of a failure in a command, given by the lines of it that bash reads as commands.
pub(super) fn fate<'a>(lines: impl Iterator<Item = (usize, &'a str)>, block: &Block) -> Fate {
    let joined: Vec<String> = joined(lines).into_iter().map(|(_, text)| text).collect();
    let text = joined.join("\n");
    let parts = parts(&text);
    let mut all = Fate::Ends;
    for (list, rest) in lists(&parts) {
        match of_list(list, rest, None, block) {
            Fate::Ends => {}
            Fate::Meant => all = Fate::Meant,
            goes_on @ Fate::GoesOn(_) => return goes_on,
        }
    }
    all
}

/// What is odd about the way that a block takes, by the number of a line. `lines` are those that bash reads as commands.
pub(super) fn oddities<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<(usize, Oddity)> {
    let commands = joined(lines);
    let block = Block::of(commands.iter().flat_map(|(_, text)| text.lines()));
    let is_closer = |text: &str| text.split_whitespace().all(|word| CLOSERS.contains(&word));
    let last = commands.iter().rposition(|(_, text)| !is_closer(text));
    let mut found = Vec::new();
    for (index, (line, text)) in commands.iter().enumerate() {
        let after = &commands[index + 1..];
        let next = after.first().map(|(_, text)| text.as_str());
        let parts = parts(text);
        let lists: Vec<_> = lists(&parts).collect();
        let end = lists
            .iter()
            .rposition(|(list, _)| !list.iter().all(|part| is_closer(part.text)));
        let oddity = lists.iter().enumerate().find_map(|(at, (list, rest))| {
            let is_last = Some(index) == last && Some(at) == end;
            let follows = rest.first().map(|part| part.text).or(next);
            if list.iter().any(turns_off) && !is_asked(after, &block) {
                return Some(Oddity::KeepsOn);
            }
            let texts: Vec<&str> = list.iter().map(|part| part.text).collect();
            if overwrites(&texts, &block) {
                return Some(Oddity::Overwrites);
            }
            if !is_last && list.iter().any(leaves) {
                return (!only_fails(rest, after)).then_some(Oddity::EndsEarly);
            }
            let read = follows.is_some_and(|text| reads_status(text, &block));
            match of_list(list, rest, next, &block) {
                Fate::GoesOn(oddity) if !is_last && !read => Some(oddity),
                _ => None,
            }
        });
        found.extend(oddity.map(|oddity| (*line, oddity)));
    }
    found
}

/// Commands of several lines as one: those that a quote, an operator or a backslash goes on over.
fn joined<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<(usize, String)> {
    let mut commands: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in lines {
        match commands.last_mut().filter(|_| goes_on) {
            Some((_, text)) => {
                if text.ends_with('\\') {
                    text.pop();
                    text.push(' ');
                } else {
                    text.push('\n');
                }
                text.push_str(line);
            }
            None => commands.push((number, line.to_owned())),
        }
        let Some((_, text)) = commands.last() else {
            continue;
        };
        goes_on = text.ends_with(['\\', '|']) || text.ends_with("&&") || is_open(text) || in_group(text);
    }
    commands
}

/// Whether a group that an operator leads to is still open.
fn in_group(text: &str) -> bool {
    let count = |brace: &str| {
        text.split_whitespace()
            .filter(|word| word.starts_with(brace))
            .count()
    };
    (text.contains("&& {") || text.contains("|| {")) && count("{") > count("}")
}

/// The lists of a text: pipelines that `&&` and `||` join, each with what follows it.
fn lists<'p, 'a>(parts: &'p [Part<'a>]) -> impl Iterator<Item = (&'p [Part<'a>], &'p [Part<'a>])> {
    let mut rest = parts;
    std::iter::from_fn(move || {
        let length = rest.iter().skip(1).position(|part| part.joint == Joint::Begin);
        let (list, after) = rest.split_at(length.map_or(rest.len(), |length| length + 1));
        rest = after;
        (!list.is_empty()).then_some((list, after))
    })
}

/// `next` is what follows `rest`.
fn of_list(list: &[Part<'_>], rest: &[Part<'_>], next: Option<&str>, block: &Block) -> Fate {
    let first = list.first().and_then(|part| part.text.split_whitespace().next());
    if first.is_some_and(|word| CONDITIONS.contains(&word)) {
        return Fate::Ends;
    }
    let joint = list
        .iter()
        .rposition(|part| matches!(part.joint, Joint::And | Joint::Or));
    let (before, right) = list.split_at(joint.unwrap_or(0));
    let Some(part) = right.first() else {
        return Fate::Ends;
    };
    if command(part).first() == Some(&"!") {
        return Fate::GoesOn(Oddity::Negated);
    }
    if part.joint != Joint::And {
        return Fate::Ends;
    }
    let follows = rest.first().map(|part| part.text).or(next);
    if is_question(before, part, rest, follows, block) {
        return Fate::Meant;
    }
    Fate::GoesOn(Oddity::GoesOn)
}

/// Whether it takes `-e` back.
pub(super) fn turns_off(part: &Part<'_>) -> bool {
    let words = command(part);
    words.first() == Some(&"set")
        && (words.windows(2).any(|pair| pair == ["+o", "errexit"])
            || words.iter().any(|word| {
                word.strip_prefix('+')
                    .is_some_and(|flags| flags.contains('e') && !flags.contains('o'))
            }))
}

/// Whether what runs without `-e` is looked at: its status is read before `-e` is given again.
fn is_asked(after: &[(usize, String)], block: &Block) -> bool {
    after
        .iter()
        .take_while(|(_, text)| !text.starts_with("set -e"))
        .any(|(_, text)| reads_status(text, block))
}

/// Whether all that is left out can only fail: then nothing that was to hold is.
fn only_fails(rest: &[Part<'_>], after: &[(usize, String)]) -> bool {
    let rest = rest.iter().map(|part| part.text);
    let text: Vec<&str> = rest.chain(after.iter().map(|(_, text)| text.as_str())).collect();
    is_only_failure(&text.join("\n"))
}

/// Whether it ends the shell with 0.
fn leaves(part: &Part<'_>) -> bool {
    let words = command(part);
    part.joint != Joint::Pipe && matches!(words.as_slice(), ["exit"] | ["exit", "0"] | ["exit", "0", "}"])
}

#[cfg(test)]
#[path = "flow_tests.rs"]
mod tests;
