use std::borrow::Cow;

/// Makes untrusted text safe to show: control characters (other than line feed and tab) and the characters that turn
/// the direction of writing are spelled out as `\u{..}`, so that a plan or a reply can neither redraw the terminal nor
/// hide what it says.
pub fn printable(text: &str) -> Cow<'_, str> {
    escape(text, |c| c == '\n' || c == '\t')
}

/// Like [`printable`], for text that must stay on one line.
pub fn printable_line(text: &str) -> Cow<'_, str> {
    escape(text, |_| false)
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let bad = |c: char| (c.is_control() && !keep(c)) || turns_direction(c);
    if !text.chars().any(bad) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // A CRLF file is ordinary: its carriage return is no more visible than the line feed after it.
        if c == '\r' && keep('\n') && rest.peek() == Some(&'\n') {
            continue;
        }
        if bad(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Bidirectional controls (Unicode TR 9) and the invisible separators that hide text ("Trojan Source", CVE-2021-42574).
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_redraws_or_hides() {
        assert_eq!(printable("a\u{1b}[2Jb\r\nc\td"), "a\\u{1b}[2Jb\nc\td");
        assert_eq!(printable_line("x\n\u{202e}y"), "x\\u{a}\\u{202e}y");
        assert!(matches!(printable("plain\ntext"), Cow::Borrowed(_)));
    }
}
