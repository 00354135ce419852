//! Tells what sort of file a path is.

use super::comment::Comment;
use super::kind::{Form, Kind};
use super::kinds::{BY_END, BY_NAME, BY_SHEBANG, Row};
use super::path::{folders, name};

/// By name, by what the name ends with, by the first line of what is there now, and for a new one by its folder.
pub(super) fn sort_of(path: &str, current: Option<&str>) -> Kind {
    let lower = name(path).to_lowercase();
    let by_end = || {
        let (_, end) = lower.rsplit_once('.')?;
        let found = BY_END.iter().find(|(known, _)| known.contains(&end));
        found.map(|(_, kind)| *kind)
    };
    if let Some(kind) = by_name(path, &lower).or_else(by_end) {
        return kind;
    }
    match current.and_then(|text| text.lines().next()) {
        Some(first) => by_shebang(first).unwrap_or(UNKNOWN),
        None if is_command(path, &lower) => SHELL,
        None => UNKNOWN,
    }
}

const UNKNOWN: Kind = Kind {
    language: "text",
    form: Form::Unknown,
};

const SHELL: Kind = Kind {
    language: "bash",
    form: Form::Commented(Comment::Line("#")),
};

const REMARKED_JSON: Kind = Kind {
    language: "jsonc",
    form: Form::Commented(Comment::Line("//")),
};

fn by_name(path: &str, lower: &str) -> Option<Kind> {
    // `README` is read by people; `bin/notes` is a command.
    let shouts = name(path).chars().all(|c| !c.is_lowercase());
    let fits = |(known, kind): &&Row| known.contains(&lower) && (shouts || kind.form != Form::Plain);
    if let Some((_, kind)) = BY_NAME.iter().find(fits) {
        return Some(*kind);
    }
    let starts = |start: &str, end: &str| lower.starts_with(start) && lower.ends_with(end);
    if starts("dockerfile.", "") || starts("containerfile.", "") {
        return by_name(path, "dockerfile");
    }
    if starts(".env.", "") {
        return by_name(path, ".env");
    }
    if starts("requirements", ".txt") || starts("constraints", ".txt") {
        return by_name(path, ".gitignore");
    }
    // JSON by their names, and read with comments by what they are for.
    let remarked = starts("tsconfig", ".json") || starts("jsconfig", ".json");
    let editor = folders(path).next_back() == Some(".vscode") && lower.ends_with(".json");
    (remarked || editor).then_some(REMARKED_JSON)
}

fn by_shebang(first: &str) -> Option<Kind> {
    let command = first.strip_prefix("#!")?;
    let program = command
        .split_whitespace()
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .find(|word| *word != "env" && !word.starts_with('-') && !word.contains('='))?;
    let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let found = BY_SHEBANG.iter().find(|(known, _)| known.contains(&program));
    found.map(|(_, kind)| *kind)
}

/// A name without an end in a folder of commands.
fn is_command(path: &str, lower: &str) -> bool {
    let folder = folders(path).next_back();
    !lower.contains('.')
        && folder.is_some_and(|folder| matches!(folder, "bin" | "sbin" | "scripts" | "script"))
}
