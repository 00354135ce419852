use similar::{DiffOp, TextDiff};

use super::super::{Block, Mismatch, Text};

fn block(search: &str, replace: &str) -> Block {
    Block {
        search: search.to_owned(),
        replace: replace.to_owned(),
        line: 1,
    }
}

fn replaced(text: &str, blocks: &[(&str, &str)]) -> Result<String, Mismatch> {
    let mut text = Text::new(text);
    for (search, replace) in blocks {
        text.replace(&block(search, replace))?;
    }
    Ok(text.into())
}

type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

#[test]
fn blocks_are_carried_out_in_order() {
    let table: &[Row] = &[
        ("a\nb\nc\n", &[("b\n", "x\ny\n")], "a\nx\ny\nc\n"),
        ("a\nb\nc\n", &[("b\n", "")], "a\nc\n"),
        ("a\nb\n", &[("a\n", "b\nb\n"), ("b\nb\nb\n", "c\n")], "c\n"),
        ("a\na\n", &[("a\na\n", "b\n")], "b\n"),
        ("ab\nb\n", &[("b\n", "c\n")], "ab\nc\n"),
        ("a\n\nb\n", &[("\n", "x\n")], "a\nx\nb\n"),
        ("a\nb", &[("b\n", "c\nd\n")], "a\nc\nd"),
        ("a\nb", &[("b\n", "")], "a"),
        ("a", &[("a\n", "")], ""),
        ("a\r\nb\r\n", &[("a\nb\n", "a\nx\nb\n")], "a\r\nx\r\nb\r\n"),
        ("a\r\nb", &[("b\n", "b\nc\n")], "a\r\nb\r\nc"),
        ("a\nb\r\nc\n", &[("a\nb\nc\n", "a\nb\nx\nc\n")], "a\nb\r\nx\nc\n"),
        ("\u{feff}a\nb\n", &[("a\n", "c\n")], "\u{feff}c\nb\n"),
        ("", &[("", "a\nb\n")], "a\nb\n"),
        ("", &[("", "a\n"), ("a\n", "b\n")], "b\n"),
        ("a\n", &[("a\n", "a\n")], "a\n"),
        ("a\rb\nc\n", &[("c\n", "d\n")], "a\rb\nd\n"),
    ];
    for (before, blocks, after) in table {
        assert_eq!(
            replaced(before, blocks).as_deref(),
            Ok(*after),
            "{before:?} {blocks:?}"
        );
    }
}

#[test]
fn what_is_not_there_once_is_not_replaced() {
    let ambiguous = |lines: &[usize], count| Err(Mismatch::Ambiguous(lines.to_vec(), count));
    assert_eq!(replaced("a\nb\na\n", &[("a\n", "x\n")]), ambiguous(&[1, 3], 2));
    assert_eq!(
        replaced("\n\n\n", &[("\n\n", "x\n")]),
        ambiguous(&[1, 2], 2),
        "places that overlap"
    );
    assert_eq!(
        replaced(&"a\n".repeat(50), &[("a\n", "x\n")]),
        ambiguous(&[1, 2, 3], 10)
    );
    // Lines are counted as the file on the disk has them.
    assert_eq!(
        replaced("x\na\nb\na\n", &[("x\n", "1\n2\n3\n"), ("a\n", "")]),
        ambiguous(&[2, 4], 2)
    );
    assert_eq!(replaced("a\n", &[("", "x\n")]), Err(Mismatch::EmptySearch));
    assert_eq!(replaced("", &[("a\n", "")]), Err(Mismatch::NotFound(None)));
    for (text, search) in [
        ("ab\n", "a\n"),
        ("ab\n", "b\n"),
        ("  a\n", "a\n"),
        ("a \n", "a\n"),
        ("A\n", "a\n"),
        ("a\n", "a\n\n"),
    ] {
        let found = replaced(text, &[(search, "x\n")]);
        assert!(matches!(found, Err(Mismatch::NotFound(_))), "{text:?} {search:?}");
    }
}

#[test]
fn a_block_that_fails_leaves_the_text() {
    let mut text = Text::new("a\nb\n");
    assert!(text.replace(&block("c\n", "d\n")).is_err());
    text.replace(&block("b\n", "c\n")).unwrap();
    assert_eq!(String::from(text), "a\nc\n");
}

/// Blocks that make one text of another: each has as many lines around what differs as it takes to be found once.
fn computed(before: &str, after: &str) -> Vec<Block> {
    if before.is_empty() {
        return vec![block("", after)];
    }
    let diff = TextDiff::from_lines(before, after);
    let (old, new): (Vec<_>, Vec<_>) = (
        before.split_inclusive('\n').collect(),
        after.split_inclusive('\n').collect(),
    );
    let mut current = old.clone();
    let mut blocks = Vec::new();
    let mut shift = 0_isize;
    let differing = |op: &&DiffOp| !matches!(op, DiffOp::Equal { .. });
    for op in diff.ops().iter().filter(differing) {
        let (range, fresh) = (op.old_range(), op.new_range());
        let mut start = range.start.checked_add_signed(shift).unwrap();
        let mut end = start + range.len();
        let mut replace: Vec<&str> = new[fresh.clone()].to_vec();
        shift += fresh.len() as isize - range.len() as isize;
        loop {
            let search: String = current[start..end].concat();
            let places = current
                .windows((end - start).max(1))
                .filter(|lines| lines.concat() == search);
            if start < end && places.count() == 1 {
                blocks.push(block(&search, &replace.concat()));
                break;
            }
            if start > 0 {
                start -= 1;
                replace.insert(0, current[start]);
            }
            if end < current.len() {
                replace.push(current[end]);
                end += 1;
            }
        }
        current.splice(start..end, replace);
    }
    blocks
}

proptest::proptest! {
    #[test]
    fn computed_blocks_give_what_they_were_computed_from(
        before in "([abc]{0,2}\\n){0,12}",
        after in "([abc]{0,2}\\n){0,12}",
        crlf: bool,
        bom: bool,
        unended: bool,
    ) {
        let form = |text: &str| {
            let mut text = text.to_owned();
            // An empty last line without an end cannot be told from none.
            if unended && !text.is_empty() && !text.ends_with("\n\n") && text != "\n" {
                text.pop();
            }
            let text = if crlf { text.replace('\n', "\r\n") } else { text };
            if bom { format!("\u{feff}{text}") } else { text }
        };
        let odd = |text: &str| text.is_empty() || text == "\n" || text.ends_with("\n\n");
        proptest::prop_assume!(!unended || (!odd(&before) && !odd(&after)));
        // What has no line end says nothing of how lines end.
        let silent = before.is_empty() || unended && before.lines().count() == 1;
        proptest::prop_assume!(!(silent && crlf));
        let mut text = Text::new(&form(&before));
        for block in computed(&before, &after) {
            let done = text.replace(&block);
            proptest::prop_assert_eq!(done, Ok(()), "{:?}", block);
        }
        proptest::prop_assert_eq!(String::from(text), form(&after));
    }

    #[test]
    fn nothing_is_found_that_is_not_there_line_by_line(text in "[ab\\n\\r]{0,30}", search in "([ab]{0,2}\\n){1,3}") {
        let lines: Vec<String> = text.split_inclusive('\n').map(|line| {
            let line = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
            format!("{line}\n")
        }).collect();
        let length = search.matches('\n').count();
        let places = lines.windows(length).filter(|window| window.concat() == search).count();
        let found = Text::new(&text).replace(&block(&search, ""));
        let counted = match found {
            Ok(()) => 1,
            Err(Mismatch::Ambiguous(_, count)) => count,
            Err(_) => 0,
        };
        proptest::prop_assert_eq!(counted, places.min(10));
    }
}
