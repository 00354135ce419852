//! What is odd about a line of a check. It is run as it stands all the same: a person looks at it.

use super::endless::never_ends;
use super::line::{Joint, Part, parts};

/// Why a line may not do what its author meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// A line of JSON: what a command prints, and no command.
    Output,
    /// It begins with a prompt, `$ ` or `> `.
    Prompt,
    /// A command that runs until somebody ends it.
    NeverEnds,
    /// A program that waits for somebody at a terminal.
    Interactive,
    /// After `||` comes what succeeds whatever happened before.
    Masked,
    /// After `|` comes what succeeds whatever happened before.
    Piped,
    /// A command before `&&` may fail, and the shell goes on.
    GoesOn,
    /// What `!` turns round may succeed, and the shell goes on.
    Negated,
    /// `set +e`: any command may fail, and the shell goes on.
    KeepsOn,
    /// `exit 0`, and what follows is not run.
    EndsEarly,
    /// A trap that ends the shell with 0, whatever happened before.
    Overwrites,
}

/// Programs that talk to a person unless they are told what to do, and the flags that tell them.
const CLIENTS: &[(&str, &[&str])] = &[
    (
        "psql",
        &["-c", "--command", "-f", "--file", "-l", "--list", "--version"],
    ),
    ("mysql", &["-e", "--execute", "--version"]),
    ("mariadb", &["-e", "--execute", "--version"]),
    ("mongosh", &["--eval", "-f", "--file", "--version"]),
    ("python", &[]),
    ("python3", &[]),
    ("node", &[]),
    ("irb", &[]),
    ("ftp", &[]),
    ("telnet", &[]),
    ("vi", &[]),
    ("vim", &["-es", "-Es"]),
    ("nano", &[]),
    ("less", &[]),
    ("more", &[]),
    ("top", &["-b", "-bn1", "-n"]),
    ("htop", &[]),
];

/// Those that only talk when they are given nothing at all.
const BARE: &[&str] = &["python", "python3", "node", "irb", "redis-cli", "sqlite3"];

/// Commands that succeed whatever they are given to read, so that a pipe into them hides a failure.
const TAKERS: &[&str] = &[
    "tee", "head", "tail", "cat", "less", "more", "sort", "uniq", "wc", "sed", "awk", "tr", "cut", "column",
    "nl",
];

impl Oddity {
    /// What is odd about a trimmed line. `pipefail` says whether a pipe fails with any of its commands.
    pub(super) fn of(line: &str, pipefail: bool) -> Option<Self> {
        if line.ends_with('}') && line.starts_with("{\"") || line.starts_with("[{") {
            return Some(Self::Output);
        }
        if line.starts_with("$ ") || line.starts_with("> ") {
            return Some(Self::Prompt);
        }
        let parts = parts(line);
        if never_ends(line, &parts) {
            return Some(Self::NeverEnds);
        }
        if line.ends_with('\\') {
            // Half of a command: nothing is known of its end.
            return None;
        }
        if parts.iter().any(talks) {
            return Some(Self::Interactive);
        }
        masks(&parts, pipefail)
    }

    /// The rule of `stepgate lint` that tells it.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Output => "check-output-line",
            Self::Prompt => "check-prompt-line",
            Self::NeverEnds => "check-never-ends",
            Self::Interactive => "check-interactive",
            Self::Masked | Self::Piped | Self::Overwrites => "check-masked",
            Self::GoesOn | Self::Negated | Self::KeepsOn => "check-goes-on",
            Self::EndsEarly => "check-ends-early",
        }
    }

    /// It in words, a lowercase fragment.
    pub fn message(self) -> &'static str {
        match self {
            Self::Output => "this looks like expected output, not like a command",
            Self::Prompt => "this line begins with a prompt, which is no part of a command",
            Self::NeverEnds => "this looks like a command that runs until somebody ends it",
            Self::Interactive => {
                "this looks like a program that waits for somebody at a terminal, and nobody is there"
            }
            Self::Masked => "what follows `||` makes this line succeed where its command fails",
            Self::Piped => "this line can succeed where a command before its last `|` fails",
            Self::GoesOn => "where the command before `&&` fails, the check goes on and can end with 0",
            Self::Negated => "where what `!` turns round succeeds, the check goes on and can end with 0",
            Self::KeepsOn => "from here on the check goes on where a command fails, and can end with 0",
            Self::EndsEarly => "here the check can end with 0, and what follows is not run",
            Self::Overwrites => "this trap ends the check with 0 where a command of it failed",
        }
    }

    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Output => "take the line out, or compare a command's output with it",
            Self::Prompt => "write the command alone",
            Self::NeverEnds => {
                "let it end by itself, use `timeout`, or run it in the background and end it when the check is made"
            }
            Self::Interactive => "tell it what to do by a flag, or give it its input",
            Self::Masked => {
                "take out `||` and what follows it, or put `|| exit 1` or `|| { echo …; exit 1; }` in its place"
            }
            Self::Piped => "take the pipe out, or begin the check with `set -o pipefail`",
            Self::GoesOn => {
                "write each command on a line of its own, or end the line with `|| exit 1`; where the first may fail, write `if A; then B; fi`"
            }
            Self::Negated => "end the line with `|| exit 1`",
            Self::KeepsOn => {
                "take `set +e` out; where a command is meant to fail, look at its `$?` on the next line"
            }
            Self::EndsEarly => "take it out, or end with another status: what is not run has not passed",
            Self::Overwrites => "let the trap end with the status that it finds: `rc=$?; …; exit $rc`",
        }
    }
}

fn talks(part: &Part<'_>) -> bool {
    if part.joint == Joint::Pipe || part.text.contains('<') {
        return false;
    }
    let words: Vec<&str> = part.words().collect();
    let Some((first, rest)) = words.split_first() else {
        return false;
    };
    let first = first.rsplit('/').next().unwrap_or(first);
    // Input from a file or a pipe is told apart above.
    if first == "read" || opens_shell(&words) {
        return true;
    }
    if BARE.contains(&first) {
        return rest.is_empty();
    }
    let opens = matches!(
        (first, rest.first()),
        ("docker" | "podman" | "kubectl", Some(&("run" | "exec")))
    );
    if opens {
        return rest
            .iter()
            .any(|word| ["-it", "-ti", "-t", "--tty"].contains(word));
    }
    let told = |flags: &[&str]| {
        rest.iter().any(|word| {
            flags.contains(word) || flags.iter().any(|flag| word.starts_with(&format!("{flag}=")))
        })
    };
    CLIENTS
        .iter()
        .any(|(client, flags)| *client == first && !told(flags))
}

/// Whether a program's own subcommand opens a shell of its, and nothing says what to do there.
fn opens_shell(words: &[&str]) -> bool {
    let told = ["-c", "--command", "--noinput", "--no-input", "--help"];
    let at = words
        .iter()
        .position(|word| word.ends_with("manage.py") || *word == "rails");
    let asked = at.and_then(|at| words.get(at + 1));
    asked.is_some_and(|word| ["shell", "shell_plus", "dbshell", "createsuperuser", "console"].contains(word))
        && !words.iter().any(|word| told.contains(word))
}

fn masks(parts: &[Part<'_>], pipefail: bool) -> Option<Oddity> {
    let succeeds = |part: &Part<'_>| {
        let words: Vec<&str> = part.words().collect();
        matches!(words.first(), Some(&("true" | ":" | "echo" | "printf"))) || words == ["exit", "0"]
    };
    // A group ends as its last command does.
    let always = |index: usize, part: &Part<'_>| match part.text.as_bytes().first() {
        Some(b'(') => self::parts(part.text.trim_matches(['(', ')']))
            .last()
            .is_some_and(succeeds),
        Some(b'{') => {
            let inside = parts[index..]
                .iter()
                .take_while(|part| !part.text.starts_with('}'));
            inside.last().is_some_and(succeeds)
        }
        _ => succeeds(part),
    };
    let masked = parts.iter().enumerate().any(|(index, part)| {
        let group = part.text.starts_with('{');
        let brace = |part: &Part<'_>| group && part.text.starts_with('}');
        let end = parts[index..]
            .iter()
            .position(brace)
            .map_or(index, |end| index + end);
        // What follows in its turn is not run.
        let next = parts.get(end + 1);
        part.joint == Joint::Or && next.is_none_or(|next| next.joint == Joint::Or) && always(index, part)
    });
    if masked {
        return Some(Oddity::Masked);
    }
    let takes = |(index, part): (usize, &Part<'_>)| {
        let ends = parts.get(index + 1).is_none_or(|next| next.joint != Joint::Pipe);
        part.joint == Joint::Pipe && ends && part.words().next().is_some_and(|word| TAKERS.contains(&word))
    };
    (!pipefail && parts.iter().enumerate().any(takes)).then_some(Oddity::Piped)
}

#[cfg(test)]
#[path = "oddity_tests.rs"]
mod tests;
