//! Markers that look like boxes and are none: nobody ever ticks them.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::fix::Fix;
use crate::plan::Finding;
use crate::words::Source;

/// What such a marker was meant to be, where that is plain.
enum Meant {
    Open,
    Ticked,
    /// Something that the format has no word for: half done, left out.
    Unknown,
}

/// Looks at every list item.
pub(super) fn look(source: &Source, found: &mut Vec<Finding>, fixes: &mut Vec<Fix>) {
    let text = source.text();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TASKLISTS).into_offset_iter() {
        let Event::Start(Tag::Item) = event else { continue };
        let item = &text[range.clone()];
        let Some(marker) = marker(item) else { continue };
        let rest = &item[marker..];
        let start = range.start + marker;
        let Some((length, meant)) = odd(rest) else {
            continue;
        };
        let span = start..start + length;
        let help = match meant {
            Meant::Open => "write `[ ]`, or let `stepgate lint --fix` do it",
            Meant::Ticked => "write `[x]`, or let `stepgate lint --fix` do it",
            Meant::Unknown => "write `[ ]` or `[x]`: the format knows no other state of a box",
        };
        let message = format!("`{}` looks like a box and is none", &text[span.clone()]);
        found.push(Finding::new(
            span.clone(),
            "odd-box",
            message,
            "nobody ticks it",
            help,
        ));
        let glued = rest[length..].starts_with(|c: char| !c.is_whitespace());
        match (meant, glued) {
            (Meant::Open, _) => fixes.push(Fix { span, text: "[ ]" }),
            (Meant::Ticked, false) => fixes.push(Fix { span, text: "[x]" }),
            (Meant::Ticked, true) => fixes.push(Fix { span, text: "[x] " }),
            (Meant::Unknown, _) => {}
        }
    }
}

/// Bytes of the list marker and the white space after it.
fn marker(item: &str) -> Option<usize> {
    let digits = item.bytes().take_while(u8::is_ascii_digit).count();
    let mark = item[digits..].starts_with(if digits == 0 {
        ['-', '*', '+']
    } else {
        ['.', ')', ')']
    });
    let after = &item[digits + usize::from(mark)..];
    let white = after.len() - after.trim_start_matches([' ', '\t']).len();
    (mark && white > 0).then_some(digits + 1 + white)
}

/// How long the odd box is at the start of an item's text, and what it was meant to be.
fn odd(text: &str) -> Option<(usize, Meant)> {
    let inner = text.strip_prefix('[')?;
    let end = inner.bytes().take(4).position(|byte| byte == b']')?;
    let (inner, after) = (inner.get(..end)?, &inner[end + 1..]);
    let ends = after.is_empty() || after.starts_with(char::is_whitespace);
    let meant = match inner {
        // A box of the format, unless its text is glued to it. `[x](…)` and `[x][…]` are links.
        "x" | "X" if !ends && after.starts_with(char::is_alphanumeric) => Meant::Ticked,
        " " | "x" | "X" => return None,
        _ if !ends => return None,
        inner if inner.trim().is_empty() => Meant::Open,
        inner if inner.trim().eq_ignore_ascii_case("x") => Meant::Ticked,
        "~" | "-" | "/" | "*" | "!" | "?" | "o" | ">" | "\u{2713}" | "\u{2714}" => Meant::Unknown,
        _ => return None,
    };
    Some((end + 2, meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> (Vec<String>, String) {
        let source = Source::new("p.md", text.into()).unwrap();
        let (mut found, mut fixes) = (Vec::new(), Vec::new());
        look(&source, &mut found, &mut fixes);
        let told = found.iter().map(|finding| source.slice(&finding.span).to_owned());
        (told.collect(), Fix::all(&fixes, text))
    }

    #[test]
    fn every_odd_box_is_told_and_the_plain_ones_are_mended() {
        let text = "- [] a\n* [ x] b\n+ [x ] c\n1. [  ] d\n2) [X ] e\n- [~] f\n- [-] g\n- [x]h\n  - [] i\n";
        let (told, fixed) = mended(text);
        let boxes = ["[]", "[ x]", "[x ]", "[  ]", "[X ]", "[~]", "[-]", "[x]", "[]"];
        assert_eq!(told, boxes);
        let expected =
            "- [ ] a\n* [x] b\n+ [x] c\n1. [ ] d\n2) [x] e\n- [~] f\n- [-] g\n- [x] h\n  - [ ] i\n";
        assert_eq!(fixed, expected);
        // What was mended is right.
        assert_eq!(mended(&fixed).0, ["[~]", "[-]"]);
    }

    #[test]
    fn what_is_a_box_or_none_is_left_alone() {
        let text = "- [ ] a\n- [x] b\n- [X]\tc\n- [x](d)\n- [x][d]\n- [a] e\n- [](f)\n[] g\n```\n- [] h\n```\n<!--\n- [] i\n-->\n";
        assert_eq!(mended(text), (Vec::new(), text.to_owned()));
    }
}
