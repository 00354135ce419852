use super::paint::Paint;
use crate::session::{Drift, FileChange, FileDrift};
use crate::words::{counted, printable_line};

/// What changed since a check passed, in lines for a person. `None` where the record does not say.
pub(super) fn drift(paint: Paint, drift: Option<&Drift>) -> Vec<String> {
    let Some(drift) = drift else {
        let text = "    what changed since it was done is not known: no check of it that passed is on record";
        return vec![paint.faint(text).to_string()];
    };
    let since = printable_line(&drift.since).into_owned();
    let mut lines = Vec::new();
    if drift.files.is_empty() {
        lines.push(format!(
            "    none of the step's files changed since it passed at {since}"
        ));
    } else {
        let files = counted(drift.files.len(), "file of the step", "files of the step");
        lines.push(format!("    {files} changed since it passed at {since}:"));
    }
    for file in &drift.files {
        lines.extend(of_file(paint, file));
    }
    match &drift.others {
        None => lines.push(
            paint
                .faint("    whether other files changed is not known without git's record of the tree")
                .to_string(),
        ),
        Some(others) if others.is_empty() => {}
        Some(others) => {
            lines.push(format!(
                "    {} changed:",
                counted(others.len(), "other file", "other files")
            ));
            lines.extend(
                others
                    .iter()
                    .map(|path| format!("      {}", printable_line(path))),
            );
        }
    }
    lines
}

fn of_file(paint: Paint, file: &FileDrift) -> Vec<String> {
    let path = printable_line(&file.path).into_owned();
    let what = match file.kind {
        FileChange::New => "  came",
        FileChange::Deleted => "  is gone",
        FileChange::Changed | FileChange::Renamed => "",
    };
    if file.diff.is_empty() {
        let text = format!("    ± {path}{what}  (its bytes then are not kept)");
        return vec![paint.title(&text).to_string()];
    }
    let counts = format!(
        "{} {}",
        paint.good(&format!("+{}", file.added)),
        paint.bad(&format!("−{}", file.removed))
    );
    let mut lines = vec![format!(
        "    {} {path}  {counts}{}",
        paint.title("±"),
        paint.faint(what)
    )];
    for line in &file.diff {
        let text = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => paint.title(line).to_string(),
            [b'@', ..] => paint.faint(line).to_string(),
            [b'+', ..] => paint.good(line).to_string(),
            [b'-', ..] => paint.bad(line).to_string(),
            _ => line.clone(),
        };
        lines.push(format!("      {text}"));
    }
    if file.more > 0 {
        let text = format!(
            "      … {} more; `--full` shows them",
            counted(file.more, "line", "lines")
        );
        lines.push(paint.faint(&text).to_string());
    }
    lines
}
