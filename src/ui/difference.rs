use similar::TextDiff;

use super::paint::Paint;
use crate::words::printable;

/// The unified difference between two texts of one file, safe to show. Ends with a line feed.
pub fn difference(path: &str, before: &str, after: &str, colour: bool) -> String {
    let paint = Paint::new(colour);
    let path = printable(path);
    let diff = TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(1)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string();
    let mut shown = String::with_capacity(diff.len());
    for line in diff.lines() {
        let safe = printable(line);
        let painted = match line.as_bytes().first() {
            Some(b'+') => paint.good(&safe).to_string(),
            Some(b'-') => paint.bad(&safe).to_string(),
            _ => safe.into_owned(),
        };
        shown.push_str(&painted);
        shown.push('\n');
    }
    shown
}
