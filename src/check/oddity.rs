//! What is odd about a line of a check. It is run as it stands all the same: a person looks at it.

use super::line::{Joint, Part, parts};

/// Why a line may not do what its author meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// A line of JSON: what a command prints, and no command.
    Output,
    /// It begins with a prompt, `$ ` or `> `.
    Prompt,
    /// A server in the foreground.
    NeverEnds,
    /// A program that waits for somebody at a terminal.
    Interactive,
    /// What comes last succeeds whatever happened before.
    Masked,
}

/// Commands that serve until they are ended.
const SERVERS: &[&str] = &[
    "runserver",
    "uvicorn",
    "gunicorn",
    "hypercorn",
    "npm start",
    "npm run dev",
    "npm run start",
    "npm run serve",
    "yarn start",
    "yarn dev",
    "pnpm dev",
    "pnpm start",
    "next dev",
    "nodemon",
    "flask run",
    "rails server",
    "rails s",
    "php artisan serve",
    "mkdocs serve",
    "hugo server",
    "python -m http.server",
    "python3 -m http.server",
    "docker compose up",
    "docker-compose up",
    "kubectl port-forward",
    "cargo watch",
    "redis-server",
    "tail -f",
    "tail -F",
];

/// What makes such a command come back.
const DETACHED: &[&str] = &["-d", "--detach", "--wait", "--version", "--help", "-h"];

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
        if serves(line) {
            return Some(Self::NeverEnds);
        }
        if line.ends_with('\\') {
            // Half of a command: nothing is known of its end.
            return None;
        }
        let parts = parts(line);
        if parts.iter().any(talks) {
            return Some(Self::Interactive);
        }
        masks(&parts, pipefail).then_some(Self::Masked)
    }

    /// The rule of `stepgate lint` that tells it.
    pub fn rule(self) -> &'static str {
        match self {
            Self::Output => "check-output-line",
            Self::Prompt => "check-prompt-line",
            Self::NeverEnds => "check-never-ends",
            Self::Interactive => "check-interactive",
            Self::Masked => "check-masked",
        }
    }

    /// It in words, a lowercase fragment.
    pub fn message(self) -> &'static str {
        match self {
            Self::Output => "this looks like expected output, not like a command",
            Self::Prompt => "this line begins with a prompt, which is no part of a command",
            Self::NeverEnds => "this looks like a server in the foreground, which never ends by itself",
            Self::Interactive => {
                "this looks like a program that waits for somebody at a terminal, and nobody is there"
            }
            Self::Masked => "this line succeeds even where its first command fails",
        }
    }

    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            Self::Output => "take the line out, or compare a command's output with it",
            Self::Prompt => "write the command alone",
            Self::NeverEnds => "run it in the background, end it when the check is made, or use `timeout`",
            Self::Interactive => "tell it what to do by a flag, or give it its input",
            Self::Masked => "let the command fail, or begin the check with `set -o pipefail`",
        }
    }
}

fn serves(line: &str) -> bool {
    let in_background = line.ends_with('&') && !line.ends_with("&&");
    if in_background || line.starts_with("timeout ") {
        return false;
    }
    let comes_back = line.split_whitespace().any(|word| DETACHED.contains(&word));
    let is_there = |server: &&str| {
        line.match_indices(*server)
            .any(|(at, _)| is_word(line, at, server.len()))
    };
    !comes_back && SERVERS.iter().any(is_there)
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

fn masks(parts: &[Part<'_>], pipefail: bool) -> bool {
    let always = |part: &Part<'_>| {
        let words: Vec<&str> = part.words().collect();
        matches!(words.first(), Some(&("true" | ":" | "echo" | "printf"))) || words == ["exit", "0"]
    };
    if parts
        .last()
        .is_some_and(|last| last.joint == Joint::Or && always(last))
    {
        return true;
    }
    !pipefail
        && parts.iter().enumerate().any(|(index, part)| {
            let ends = parts.get(index + 1).is_none_or(|next| next.joint != Joint::Pipe);
            part.joint == Joint::Pipe
                && ends
                && part.words().next().is_some_and(|word| TAKERS.contains(&word))
        })
}

fn is_word(line: &str, at: usize, length: usize) -> bool {
    let before = line[..at].chars().next_back();
    let after = line[at + length..].chars().next();
    before.is_none_or(|c| c == ' ' || c == '/') && after.is_none_or(|c| c == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_oddity_is_seen_and_nothing_else() {
        let table = [
            (Some(Oddity::Output), "{\"status\": \"ok\"}"),
            (Some(Oddity::Output), "[{\"a\": 1}]"),
            (Some(Oddity::Prompt), "$ ls"),
            (Some(Oddity::NeverEnds), "cd a && npm start"),
            (Some(Oddity::NeverEnds), "docker compose up"),
            (None, "docker compose up -d"),
            (None, "uvicorn app:main &"),
            (None, "timeout 5 uvicorn app:main"),
            (None, "myuvicorn"),
            (None, "uvicorn --version"),
            (Some(Oddity::Interactive), "psql -U me base"),
            (Some(Oddity::Interactive), "sudo vim a"),
            (Some(Oddity::Interactive), "docker exec -it box sh"),
            (Some(Oddity::Interactive), "python3"),
            (None, "psql -U me -c 'select 1'"),
            (None, "psql base < dump.sql"),
            (None, "echo 'select 1' | psql base"),
            (None, "docker exec box ls"),
            (None, "python3 -m pytest"),
            (None, "sqlite3 a.db '.tables'"),
            (Some(Oddity::Masked), "pytest || true"),
            (Some(Oddity::Masked), "pytest || echo 'it failed'"),
            (Some(Oddity::Masked), "pytest | tee log"),
            (Some(Oddity::Masked), "pytest 2>&1 | tail -5 && ls"),
            (None, "pytest || exit 1"),
            (None, "pytest || echo failed && exit 1"),
            (None, "curl -s x | grep ok"),
            (None, "cat a | tail -1 | grep ok"),
            (None, "grep 'a || true' b"),
            (None, "grep \"a | tee\" b"),
            (None, "test \"$(ls | wc -l)\" = 3"),
            (None, "pytest | \\"),
        ];
        for (oddity, line) in table {
            assert_eq!(Oddity::of(line, false), oddity, "{line}");
        }
        assert_eq!(Oddity::of("pytest | tee log", true), None);
        assert_eq!(Oddity::of("pytest || true", true), Some(Oddity::Masked));
    }
}
