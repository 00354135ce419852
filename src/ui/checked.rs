use super::paint::Paint;
use super::seconds::seconds;
use crate::state::{CheckRecord, How};
use crate::words::printable_line;

/// A check in lines for a person: each command with what came of it, then the whole.
pub(super) fn checked(check: &CheckRecord, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    for command in &check.commands {
        let mark = match command.status {
            Some(0) => paint.good("✓"),
            Some(_) => paint.bad("✗"),
            None => paint.faint("·"),
        };
        let text = printable_line(command.text.lines().next().unwrap_or_default()).into_owned();
        let more = if command.text.lines().count() > 1 {
            " …"
        } else {
            ""
        };
        // What takes no time worth telling is not told: the lines stay short.
        let took = if command.took >= 100 {
            format!("  {}", seconds(command.took))
        } else {
            String::new()
        };
        lines.push(format!("    {mark} {text}{more}{}", paint.faint(&took)));
    }
    let mark = if check.passed && !check.doubts.is_empty() {
        paint.warn("! check")
    } else if check.passed {
        paint.good("✓ check")
    } else {
        paint.bad("✗ check")
    };
    let how = match &check.how {
        How::All => String::new(),
        How::Chosen(lines) => format!(" (only {} of its commands)", lines.len()),
        How::OwnTerminal => " (in your terminal: only how it ended is known, not each command)".to_owned(),
        How::ByHand => String::new(),
    };
    let ran = matches!(check.how, How::All | How::Chosen(_));
    let took = if ran {
        format!(" in {}", seconds(check.took))
    } else {
        String::new()
    };
    let outcome = match check.but() {
        Some(but) => format!("passed{took}{how}, but {but}"),
        None => format!("{}{took}{how}", check.outcome),
    };
    lines.push(format!("  {mark} {}", printable_line(&outcome)));
    lines
}
