//! Names and titles of plans in an index: whatever is in them, they are words there, for Markdown and for a terminal.

use crate::words::printable_line;

/// A title as text: what would be a link, an element, an emphasis or a code span is none.
pub(super) fn text(title: &str) -> String {
    let mut text = String::with_capacity(title.len());
    for letter in printable_line(title).chars() {
        if matches!(
            letter,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' | '&' | '#' | '|'
        ) {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

/// A path as a code span, whatever backticks are in it.
pub(super) fn code(path: &str) -> String {
    let path = printable_line(path);
    let longest = path
        .split(|letter| letter != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let edge = if path.starts_with('`') || path.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{edge}{path}{edge}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_words_and_paths_are_code() {
        assert_eq!(
            text("Plain: of two (parts), and 1.2!"),
            "Plain: of two (parts), and 1.2!"
        );
        assert_eq!(
            text("<b>[x](y) `z` \u{1b}[31m"),
            r"\<b\>\[x\](y) \`z\` \\u{1b}\[31m"
        );
        assert_eq!(code("a/b.md"), "`a/b.md`");
        assert_eq!(code("a `` b\n.md"), "```a `` b\\u{a}.md```");
        assert_eq!(code("`a`"), "`` `a` ``");
    }
}
