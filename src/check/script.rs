use std::ops::RangeInclusive;

use super::flow;
use super::oddity::Oddity;

/// A success check block as it stands in the plan: its language tag and its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script<'a> {
    /// First word of the fence's info string, may be empty.
    pub language: &'a str,
    /// The content of the fence.
    pub text: &'a str,
}

/// Why a block has no runnable command. Such a check never counts as passed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRunnable {
    /// There is no text.
    #[error("the success check is empty")]
    Empty,
    /// Nothing but comments.
    #[error("the success check holds only comments")]
    OnlyComments,
    /// A line that the plan's author was to replace.
    #[error("line {line} of the success check is an unfilled placeholder: `{text}`")]
    Placeholder {
        /// Line in the block, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// The block is in a language that is no shell.
    #[error("the success check is `{0}`, not a shell script")]
    NotShell(String),
    /// bash would not do anything that its text says.
    #[error("the success check holds a NUL byte")]
    Nul,
}

/// Language tags of blocks that only show something: what a command prints, a file, a picture of it.
const ILLUSTRATIONS: &[&str] = &[
    "text",
    "txt",
    "plaintext",
    "output",
    "json",
    "console",
    "diff",
    "log",
];

impl NotRunnable {
    /// The language of a block that is only an illustration: beside blocks that can be run, it is nothing to run.
    pub fn illustration(&self) -> Option<&str> {
        match self {
            Self::NotShell(language) if ILLUSTRATIONS.contains(&language.to_ascii_lowercase().as_str()) => {
                Some(language)
            }
            _ => None,
        }
    }
}

/// Something odd about a line, for a person to look at. It does not keep the block from running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Line in the block, from 1.
    pub line: usize,
    /// What is odd.
    pub oddity: Oddity,
    /// The line.
    pub text: String,
}

/// Language tags of blocks that bash can run. `console` is not among them: its lines have prompts and output.
const SHELLS: &[&str] = &["", "bash", "sh", "shell", "zsh", "shellscript"];

impl Script<'_> {
    /// Tells whether the block can be run, or why not. Looks at its text only: whether bash can parse it shows when it
    /// runs.
    pub fn runnable(&self) -> Result<(), NotRunnable> {
        let language = self.language.to_ascii_lowercase();
        if !SHELLS.contains(&language.as_str()) {
            return Err(NotRunnable::NotShell(self.language.to_owned()));
        }
        if self.text.contains('\0') {
            return Err(NotRunnable::Nul);
        }
        if self.text.trim().is_empty() {
            return Err(NotRunnable::Empty);
        }
        let mut commands = self.lines().peekable();
        if commands.peek().is_none() {
            return Err(NotRunnable::OnlyComments);
        }
        match commands.find(|(_, line)| is_placeholder(line)) {
            Some((line, text)) => Err(NotRunnable::Placeholder {
                line,
                text: text.to_owned(),
            }),
            None => Ok(()),
        }
    }

    /// What is odd about the block's lines.
    pub fn remarks(&self) -> Vec<Remark> {
        let pipefail = self
            .lines()
            .any(|(_, line)| line.starts_with("set ") && line.contains("pipefail"));
        let of_block = flow::oddities(self.lines());
        let remark = |(line, text): (usize, &str)| {
            let of_block = || of_block.iter().find(|(of, _)| *of == line);
            let oddity = Oddity::of(text, pipefail).or_else(|| Some(of_block()?.1))?;
            Some(Remark {
                line,
                oddity,
                text: text.to_owned(),
            })
        };
        self.lines().filter_map(remark).collect()
    }

    /// The text with all lines blanked but those of the chosen commands, so that every line keeps its number.
    pub fn only(&self, chosen: &[RangeInclusive<usize>]) -> String {
        let keep = |number| chosen.iter().any(|lines| lines.contains(&number));
        let line = |(index, line): (usize, &'_ str)| match (keep(index + 1), line.ends_with('\n')) {
            (true, _) => line.to_owned(),
            (false, true) => "\n".to_owned(),
            (false, false) => String::new(),
        };
        self.text.split_inclusive('\n').enumerate().map(line).collect()
    }

    /// Lines that are neither blank nor comments nor in a here-document, trimmed, with their numbers.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut until: Option<&str> = None;
        let lines = self.text.lines().enumerate();
        let lines = lines.map(|(index, line)| (index + 1, line.trim()));
        lines.filter(move |(_, line)| match until {
            Some(end) => {
                if *line == end {
                    until = None;
                }
                false
            }
            None => {
                until = here_document(line);
                !line.is_empty() && !line.starts_with('#')
            }
        })
    }
}

/// The word that ends the here-document that a line begins, if it seems to begin one.
fn here_document(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("<<")?;
    if after.starts_with('<') || before.ends_with('(') || before.contains('#') {
        return None;
    }
    let word = after.trim_start_matches('-').trim_start();
    let word = word.trim_start_matches(['\'', '"', '\\']);
    let length = word
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(word.len());
    word[..length]
        .starts_with(|c: char| c.is_alphabetic() || c == '_')
        .then(|| &word[..length])
}

/// A line that is nothing but `[words]` or `<words>`, or that has `<words>` where an argument should be. `[ -f x ]` and `[[ … ]]` are tests, `< file` and `<(…)` are redirections.
fn is_placeholder(line: &str) -> bool {
    if let Some(inner) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let prose = |c: char| c.is_alphanumeric() || " _-/.,:'&".contains(c);
        return inner.starts_with(|c: char| c.is_alphanumeric()) && inner.chars().all(prose);
    }
    let Some((_, rest)) = line.split_once('<') else {
        return false;
    };
    // `<command>`, `pytest <path to test>`: a letter right after `<` and nothing shell-like up to the `>`.
    let at_word = line.starts_with('<') || line.contains(" <");
    rest.split_once('>').is_some_and(|(inner, after)| {
        at_word
            && inner.starts_with(|c: char| c.is_alphabetic())
            && !inner.ends_with(' ')
            && inner.chars().all(|c| c.is_alphanumeric() || " _-./".contains(c))
            && (after.is_empty()
                || after.starts_with(' ') && !after.trim_start().starts_with(['/', '.', '$']))
            && !line.contains(['\'', '"'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runnable(language: &str, text: &str) -> Result<(), NotRunnable> {
        Script { language, text }.runnable()
    }

    #[test]
    fn tells_what_can_run() {
        let fine = [
            "ls",
            "# c\nls # x",
            "[ -f a ]",
            "[[ -f a ]]",
            "[ -f \"$x\" ] && ls",
            "wc -l < file > out",
            "sort <a >b",
            "diff <(ls a) <(ls b)",
            "cat <<EOF\n<html>\nEOF\n",
            "grep '<title>' x",
            "test a",
            "cat <in.txt >$out",
        ];
        for text in fine {
            assert_eq!(runnable("bash", text), Ok(()), "{text}");
        }
        for shell in ["", "sh", "Bash", "shell", "zsh"] {
            assert_eq!(runnable(shell, "ls"), Ok(()));
        }
    }

    #[test]
    fn tells_why_not() {
        let placeholder = |line, text: &str| NotRunnable::Placeholder {
            line,
            text: text.to_owned(),
        };
        let table = [
            ("bash", "", NotRunnable::Empty),
            ("bash", " \n\t\n", NotRunnable::Empty),
            ("bash", "# only\n\n  # this\n", NotRunnable::OnlyComments),
            ("bash", "a\0b", NotRunnable::Nul),
            (
                "bash",
                "# c\n[verification command 1]\n",
                placeholder(2, "[verification command 1]"),
            ),
            ("", "ls\n  <command>\n", placeholder(2, "<command>")),
            (
                "sh",
                "pytest <path to test>",
                placeholder(1, "pytest <path to test>"),
            ),
            ("python", "print(1)", NotRunnable::NotShell("python".to_owned())),
            ("json", "{}", NotRunnable::NotShell("json".to_owned())),
            ("console", "$ ls", NotRunnable::NotShell("console".to_owned())),
        ];
        for (language, text, why) in table {
            assert_eq!(runnable(language, text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn remarks_on_odd_lines() {
        let text = "curl x\n{\"status\": \"ok\"}\n$ ls\nuvicorn app:main\nuvicorn app:main &\nmyuvicorn\n(cd a && npm start)\nnpm start";
        let script = Script { language: "", text };
        let found: Vec<_> = script
            .remarks()
            .iter()
            .map(|remark| (remark.line, remark.oddity))
            .collect();
        assert_eq!(
            found,
            [
                (2, Oddity::Output),
                (3, Oddity::Prompt),
                (4, Oddity::NeverEnds),
                (8, Oddity::NeverEnds)
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn a_subset_keeps_line_numbers(text in "([a-z]{0,3}\\r?\\n?){0,9}", picks in proptest::collection::vec(1_usize..9, 0..4)) {
            let script = Script { language: "", text: &text };
            let chosen: Vec<_> = picks.iter().map(|line| *line..=*line).collect();
            let only = script.only(&chosen);
            proptest::prop_assert_eq!(only.split('\n').count(), text.split('\n').count());
            for (index, (was, is)) in text.split('\n').zip(only.split('\n')).enumerate() {
                let expected = if picks.contains(&(index + 1)) { was } else { "" };
                proptest::prop_assert_eq!(is, expected);
            }
        }
    }
}
