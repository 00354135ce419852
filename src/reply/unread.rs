use super::info;
use crate::words::Span;

/// Lines that look like the first one of an edit's block and are none: Markdown takes them for text, because they stand in
/// HTML or too far to the right. `covered` is what is read or meant to be shown only, in the order of the text.
///
/// Without this, such an edit would be dropped without a word, and the rest of the reply used.
pub(super) fn unread(reply: &str, covered: &[Span]) -> Vec<Span> {
    let mut covered = covered.iter().peekable();
    let mut covered_to = 0;
    let mut found = Vec::new();
    let mut start = 0;
    for line in reply.split_inclusive('\n') {
        let end = start + line.len();
        let text =
            line.trim_start_matches(|c: char| c.is_whitespace() || c.is_ascii_digit() || "-*+.)".contains(c));
        let at = end - text.len();
        while let Some(span) = covered.next_if(|span| span.start <= at) {
            covered_to = covered_to.max(span.end);
        }
        if covered_to <= at && is_opening(text.trim_end()) {
            found.push(at..at + text.trim_end().len());
        }
        start = end;
    }
    found
}

/// Whether a text is a fence whose info string asks for an edit, in whatever spelling.
fn is_opening(text: &str) -> bool {
    ['`', '~'].into_iter().any(|mark| {
        let info = text.trim_start_matches(mark);
        let fence = text.len() - info.len() >= 3 && !(mark == '`' && info.contains('`'));
        fence && info::read(info) != Ok(None)
    })
}
