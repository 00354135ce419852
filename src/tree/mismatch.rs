use super::RelativePath;
use crate::reply::{Block, Mismatch, Nearest};
use crate::words::{Diagnostic, Place, printable_line};

/// Characters of a line that are told.
const WIDTH: usize = 160;

/// Says why a block cannot be carried out, `block` being its number for the file and itself.
pub(super) fn problem(path: &RelativePath, block: (usize, &Block), why: &Mismatch) -> Diagnostic {
    let (number, block) = block;
    let name = format!("change {number} to `{path}` (line {} of the reply)", block.line);
    let retry = "ask again, or make this change by hand";
    match why {
        Mismatch::EmptySearch => Diagnostic::error(
            "search-empty",
            format!("{name} looks for nothing, and the file is not empty"),
        )
        .help(retry),
        Mismatch::NotFound(None) => Diagnostic::error(
            "search-not-found",
            format!("{name} looks for lines that are not in the file, and none there are like them"),
        )
        .found(quoted("it looks for", first(&block.search)))
        .help(retry),
        Mismatch::NotFound(Some(nearest)) => Diagnostic::error(
            "search-not-found",
            format!("{name} looks for lines that are not in the file; these are most like them"),
        )
        .at(place(path, nearest))
        .found(found(nearest))
        .help(retry),
        Mismatch::Ambiguous(lines, count) => {
            let many = if *count >= 10 {
                "10 times or more".to_owned()
            } else {
                format!("{count} times")
            };
            let shown: Vec<String> = lines.iter().map(ToString::to_string).collect();
            let more = if *count > lines.len() { ", …" } else { "" };
            Diagnostic::error(
                "search-ambiguous",
                format!("{name} looks for lines that are in the file {many}"),
            )
            .found(format!("{path}, from lines {}{more}", shown.join(", ")))
            .help("ask again, for more lines around the place")
        }
    }
}

fn place(path: &RelativePath, nearest: &Nearest) -> Place {
    Place {
        path: path.to_string(),
        line: nearest.line,
        column: nearest.differs.start + 1,
        length: nearest.differs.len(),
        excerpt: nearest.there.clone(),
    }
}

fn found(nearest: &Nearest) -> String {
    let Nearest { there, wanted, .. } = nearest;
    if nearest.ends {
        quoted("the file ends here, and the reply goes on with", wanted)
    } else if there.trim() == wanted.trim() {
        let count = |text: &str, at: usize| {
            let blanks = &text[..at];
            let tabs = blanks.matches('\t').count();
            match (tabs, blanks.chars().count() - tabs) {
                (0, 0) => "none".to_owned(),
                (0, blanks) => blanks.to_string(),
                (tabs, 0) => format!("{tabs} as tabs"),
                (tabs, blanks) => format!("{blanks} and {tabs} as tabs"),
            }
        };
        let before = |text: &str| count(text, text.len() - text.trim_start().len());
        if before(there) == before(wanted) {
            "only the blanks at its end are others in the reply".to_owned()
        } else {
            format!(
                "only the blanks before it are others: {} here, {} in the reply",
                before(there),
                before(wanted)
            )
        }
    } else {
        quoted("the reply has", wanted)
    }
}

fn first(text: &str) -> &str {
    text.lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
}

fn quoted(words: &str, line: &str) -> String {
    let mut shown: String = line.chars().take(WIDTH).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    format!("{words} `{}`", printable_line(&shown))
}
