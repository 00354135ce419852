use std::io::Write as _;
use std::ops::RangeInclusive;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use super::bash::no_bash;
use crate::words::Failure;

/// A top-level command of a block: whole lines that bash reads as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its lines in the block, from 1.
    pub lines: RangeInclusive<usize>,
    /// Its text as written, without the last line end.
    pub text: String,
}

/// A block of many thousand lines is one command from here on: telling its commands apart is not worth the wait.
const BUDGET: Duration = Duration::from_secs(2);

/// Splits a block into its top-level commands. Comments and blank lines between them belong to none.
///
/// bash itself is the judge (`bash -n`, which runs nothing): a command grows line by line until bash takes it as
/// complete. What it never takes, to the end of the block, is one command. Fails with exit 9 when there is no bash.
pub fn split(text: &str) -> Result<Vec<Command>, Failure> {
    let lines: Vec<&str> = text.lines().collect();
    let deadline = Instant::now() + BUDGET;
    let mut commands = Vec::new();
    let mut first = 0;
    while first < lines.len() {
        if is_blank(lines[first]) {
            first += 1;
            continue;
        }
        let last = end_of(&lines, first, deadline)?;
        commands.push(Command {
            lines: first + 1..=last + 1,
            text: lines[first..=last].join("\n"),
        });
        first = last + 1;
    }
    Ok(commands)
}

fn is_blank(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// Index of the last line of the command that begins at `first`.
fn end_of(lines: &[&str], first: usize, deadline: Instant) -> Result<usize, Failure> {
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate().skip(first) {
        text.push_str(line);
        text.push('\n');
        let plain = index == first && is_plain(line);
        if plain || !goes_on(line) && Instant::now() < deadline && is_complete(&text)? {
            return Ok(index);
        }
    }
    // Trailing blank lines and comments are no part of a command that never ends.
    let last = lines.iter().rposition(|line| !is_blank(line));
    Ok(last.unwrap_or(first).max(first))
}

/// Tells whether a backslash joins the next line. bash does not mind a file that ends so.
fn goes_on(line: &str) -> bool {
    (line.len() - line.trim_end_matches('\\').len()) % 2 == 1
}

/// Tells whether a line is so simple that bash need not be asked.
fn is_plain(line: &str) -> bool {
    const WORDS: &[&str] = &[
        "if", "then", "elif", "else", "fi", "for", "in", "while", "until", "do", "done", "case", "esac",
        "select", "function", "time", "coproc",
    ];
    let plain = |c: char| c.is_ascii_alphanumeric() || " ._/=:,@%+-".contains(c);
    let first = line.split_whitespace().next().unwrap_or("");
    line.chars().all(plain) && !WORDS.contains(&first)
}

fn is_complete(text: &str) -> Result<bool, Failure> {
    let mut process = Process::new("bash");
    // Nothing of the environment may make bash run or say something.
    process.arg("-n").env_clear().env("LC_ALL", "C");
    if let Some(path) = std::env::var_os("PATH") {
        process.env("PATH", path);
    }
    let piped = process
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().map_err(|error| no_bash(&error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // bash stops reading at the first error: a broken pipe is an answer, too.
        let _ = stdin.write_all(text.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| no_bash(&error))?;
    // A here-document without its end is only a warning.
    Ok(output.status.success() && output.stderr.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_bash_reads() {
        let table: &[(&str, &[(usize, usize)])] = &[
            ("", &[]),
            ("# c\n\n", &[]),
            ("ls\n", &[(1, 1)]),
            ("cd a\n\n# c\nls", &[(1, 1), (4, 4)]),
            ("echo a \\\n  b\nls", &[(1, 2), (3, 3)]),
            ("echo a \\\\\nls", &[(1, 1), (2, 2)]),
            ("if true; then\n\n  # c\n  ls\nfi\nls", &[(1, 5), (6, 6)]),
            ("cat <<EOF\nif\n  EOF\nEOF\nls", &[(1, 4), (5, 5)]),
            ("cat <<A <<'B'\nx\nA\ny\nB\nls", &[(1, 5), (6, 6)]),
            ("echo 'a\n# b\nc'\nls", &[(1, 3), (4, 4)]),
            ("python -c \"\nprint(1)\n\"", &[(1, 3)]),
            ("a &&\n# c\nb\nc", &[(1, 3), (4, 4)]),
            ("a |\nb", &[(1, 2)]),
            ("f()\n{\n  x\n}\nf", &[(1, 4), (5, 5)]),
            ("function f\n{ x; }\nf", &[(1, 2), (3, 3)]),
            ("for x in a\ndo x\ndone", &[(1, 3)]),
            ("x=$(\n a\n)\ny=(1\n2)\n", &[(1, 3), (4, 5)]),
            ("ls\nif true\nls\n# c\n\n", &[(1, 1), (2, 3)]),
            ("cat <<EOF\nx\n", &[(1, 2)]),
            ("ls; )\nls", &[(1, 2)]),
            ("server & \nkill %1", &[(1, 1), (2, 2)]),
            ("echo ä\r\nls\r\n", &[(1, 1), (2, 2)]),
        ];
        for (text, expected) in table {
            let commands = split(text).unwrap();
            let found: Vec<_> = commands
                .iter()
                .map(|c| (*c.lines.start(), *c.lines.end()))
                .collect();
            assert_eq!(found, *expected, "{text:?}");
            for command in commands {
                let lines: Vec<_> = text.lines().collect();
                assert_eq!(
                    command.text,
                    lines[command.lines.start() - 1..*command.lines.end()].join("\n")
                );
            }
        }
    }

    #[test]
    fn runs_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let made = temp.path().join("made");
        split(&format!(
            "touch '{0}'\n(touch '{0}')\n$(touch '{0}')",
            made.display()
        ))
        .unwrap();
        assert!(!made.exists());
    }
}
