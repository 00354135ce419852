//! Names and titles of plans in an index: whatever is in them, they are words there, for Markdown and for a terminal.

use crate::words::printable_line;

/// A title as text: what would be a link, an element, an emphasis or a code span is none. An address is not linked either:
/// the letter by which it is known as one is an entity.
pub(super) fn text(title: &str) -> String {
    let title = printable_line(title);
    let mut text = String::with_capacity(title.len());
    for (at, letter) in title.char_indices() {
        let (before, after) = (&title.as_bytes()[..at], &title[at..]);
        let is_www = || before.len() >= 3 && before[before.len() - 3..].eq_ignore_ascii_case(b"www");
        if letter == '@' || after.starts_with("://") || letter == '.' && is_www() {
            text += &format!("&#{};", u32::from(letter));
            continue;
        }
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
        assert_eq!(
            text("![i](http://a.b) WWW.a.b a@b.c ww.w: //"),
            r"!\[i\](http&#58;//a.b) WWW&#46;a.b a&#64;b.c ww.w: //"
        );
        assert_eq!(code("a/b.md"), "`a/b.md`");
        assert_eq!(code("a `` b\n.md"), "```a `` b\\u{a}.md```");
        assert_eq!(code("`a`"), "`` `a` ``");
    }
}
