use std::path::Path;
use std::time::Duration;

use super::block::makes_function;
use super::trap::traps;
use super::{Command, CommandResult, Status};

/// What bash reads before the script, through `BASH_ENV`: a DEBUG trap that writes a mark before each command.
///
/// The trap leaves `$?`, `$_`, `PIPESTATUS` and `$!` as they were; it is not inherited by functions, subshells or other
/// processes, says nothing under `set -x`,
/// bears `set -u`, and under `set -a` exports nothing. A mark is written only for a line past all lines before,
/// so that a loop writes one. `BASH_ENV` becomes what it was, and what it named is read, as bash would have done.
///
/// Where lines may be counted anew, only what [`with_marks`] puts in front of the commands is believed.
pub(super) fn prelude(marks: &Path, bash_env: Option<&str>, commands: &[Command]) -> String {
    let marks = quoted(&marks.to_string_lossy());
    let is_new = match counts_anew(commands) {
        true => "${BASH_COMMAND-} == \"\\$(builtin exit \\$?)\"",
        false => "${LINENO-0} -gt ${__stepgate_line-0}",
    };
    let trap = format!(
        "{{ __stepgate_status=$? __stepgate_last=$_; \
         if [[ ${{BASH_SUBSHELL-0}} == 0 && {is_new} ]]; then \
         __stepgate_line=$LINENO; \
         builtin printf \"%s %s %s\\n\" \"$LINENO\" \"$__stepgate_status\" \"${{EPOCHREALTIME-}}\" >>{marks} || :; \
         fi; \
         [[ $- != *a* ]] || builtin export -n __stepgate_status __stepgate_last __stepgate_line; \
         builtin : \"$__stepgate_last\"; }} 2>/dev/null"
    );
    let restore = match bash_env {
        None => "unset BASH_ENV".to_owned(),
        Some(value) => {
            let raw = value.replace('"', "\\\"");
            format!(
                "export BASH_ENV={}\nif [ -r \"{raw}\" ]; then . \"{raw}\"; fi",
                quoted(value)
            )
        }
    };
    let start = format!("builtin printf \"0 0 %s\\n\" \"${{EPOCHREALTIME-}}\" >>{marks}");
    format!("{restore}\n{start}\ntrap {} DEBUG\n", quoted(&trap))
}

/// A path as a value of `BASH_ENV`, which bash expands like a word in double quotes.
pub(super) fn unexpanded(path: &Path) -> String {
    let mut text = String::new();
    for c in path.to_string_lossy().chars() {
        if matches!(c, '$' | '`' | '\\' | '"') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The script with a mark before each command that the DEBUG trap does not see, such as `( … )`, a function
/// that is made, and a loop over nothing.
///
/// The words in front of it do nothing but give the trap its moment: their status is `$?` as it was, and `-e` does not
/// look at the left side of `&&`. They do reset `PIPESTATUS` and `$_`, so a command that reads those has none.
pub(super) fn with_marks(text: &str, commands: &[Command]) -> String {
    let mut marked = String::with_capacity(text.len() + 64);
    // A trap of the check's own is in the place of the one that leaves the marks, and would see what stands in front.
    if commands
        .iter()
        .any(|command| traps(&command.text, &["DEBUG"]).is_some())
    {
        return text.to_owned();
    }
    let all = counts_anew(commands);
    let mut commands = commands.iter().peekable();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let begun = commands.next_if(|command| *command.lines.start() == index + 1);
        let needs = |text: &str| is_unseen(text) || all && is_marked(text);
        if begun.is_some_and(|command| needs(&command.text)) {
            marked.push_str("$(builtin exit $?) && :; ");
        }
        marked.push_str(line);
    }
    marked
}

/// Whether there is a mark of a command that is run. What stands in front of a command takes these variables from it.
pub(super) fn is_marked(text: &str) -> bool {
    let last = |(at, _): (usize, &str)| {
        let after = text[at + 2..].chars().next();
        !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
    };
    !text.contains("PIPESTATUS") && !text.contains("${_}") && !text.match_indices("$_").any(last)
}

/// Whether lines may be counted anew while a block runs: by `eval`, and by a trap of several lines.
fn counts_anew(commands: &[Command]) -> bool {
    let words = |command: &Command| {
        let mut words = command.text.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| ["eval", "ERR"].contains(&word))
    };
    commands.iter().any(words)
}

fn is_unseen(text: &str) -> bool {
    if makes_function(text) {
        return true;
    }
    if !is_marked(text) {
        return false;
    }
    let mut rest = text.trim_start();
    let first = rest.split_whitespace().next().unwrap_or("");
    while let Some(after) = ["!", "if", "while", "until", "time", "{"]
        .iter()
        .find_map(|word| {
            rest.strip_prefix(word)
                .filter(|after| after.starts_with(char::is_whitespace))
        })
    {
        rest = after.trim_start();
    }
    // In a pipeline or in the background, a compound command runs in a subshell, where there is no trap.
    let compound = ["while", "until", "if", "case", "{"].contains(&first);
    // Of a loop over nothing, the trap sees nothing.
    let counted = ["for", "select"].contains(&first);
    rest.starts_with('(') && !rest.starts_with("((") || counted || compound && text.contains(['|', '&'])
}

struct Mark {
    line: usize,
    /// `$?` before the command.
    status: i32,
    at: Option<Duration>,
}

fn read(marks: &str) -> Vec<Mark> {
    let mark = |line: &str| {
        let mut words = line.split(' ');
        let line = words.next()?.parse().ok()?;
        let status = words.next()?.parse().ok()?;
        // Some locales write a comma.
        let at = words
            .next()
            .and_then(|word| word.replace(',', ".").parse::<f64>().ok());
        let at = at.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Some(Mark { line, status, at })
    };
    marks.lines().filter_map(mark).collect()
}

/// Result and time of each command, by the marks and by how the shell ended (and when, since the epoch).
pub(super) fn results(
    commands: &[Command],
    marks: &str,
    status: &Status,
    end: Duration,
) -> Vec<CommandResult> {
    let unmarked = |command: &Command| CommandResult {
        lines: command.lines.clone(),
        text: command.text.clone(),
        status: None,
        took: Duration::ZERO,
        ran: false,
    };
    let mut results: Vec<_> = commands.iter().map(unmarked).collect();
    let marks = read(marks);
    let mut since = marks.first().and_then(|mark| mark.at);
    let mut entered: Option<usize> = None;
    for mark in &marks {
        let index = commands.partition_point(|command| *command.lines.end() < mark.line);
        if !commands
            .get(index)
            .is_some_and(|command| command.lines.contains(&mark.line))
        {
            continue;
        }
        if entered.is_some_and(|entered| index <= entered) {
            continue;
        }
        if let Some(before) = index.checked_sub(1) {
            // Those without a mark of their own ran as well, in between; the last of them left `$?`.
            results[before].status = Some(mark.status);
            results[entered.map_or(before, |entered| entered)].took = span(since, mark.at);
        }
        for result in &mut results[entered.map_or(0, |entered| entered + 1)..=index] {
            result.ran = true;
        }
        entered = Some(index);
        since = mark.at;
    }
    if let Some(last) = entered {
        results[last].took = span(since, Some(end));
        if let Status::Exited(code) = status {
            results[last].status = Some(*code);
        }
    }
    results
}

fn span(from: Option<Duration>, to: Option<Duration>) -> Duration {
    match (from, to) {
        (Some(from), Some(to)) => to.saturating_sub(from),
        _ => Duration::ZERO,
    }
}
