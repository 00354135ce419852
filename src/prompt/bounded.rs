/// A text of at most about `limit` bytes: of a longer one the middle is left out, at ends of lines where there are any,
/// and the place says how much.
pub fn bounded(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    // The end of an output says more than its beginning.
    let head = floor(text, limit / 3);
    let head = text[..head].rfind('\n').map_or(head, |at| at + 1);
    let tail = ceil(text, text.len() - (limit - limit / 3));
    let tail = text[tail..].find('\n').map_or(tail, |at| tail + at + 1).max(head);
    let tail = if tail == text.len() {
        ceil(text, text.len() - (limit - limit / 3))
    } else {
        tail
    };
    let cut = &text[head..tail];
    let gap = if head == 0 || text[..head].ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!(
        "{}{gap}[… {} bytes in {} lines are left out here …]\n{}",
        &text[..head],
        cut.len(),
        cut.lines().count(),
        &text[tail..]
    )
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_goes_and_it_is_said() {
        let lines: String = (0..100).map(|line| format!("line {line:02}\n")).collect();
        assert_eq!(bounded(&lines, lines.len()), lines);
        let short = bounded(&lines, 60);
        assert_eq!(
            short,
            "line 00\nline 01\n[… 752 bytes in 94 lines are left out here …]\nline 96\nline 97\nline 98\nline 99\n"
        );
    }

    #[test]
    fn one_long_line_is_cut_between_characters() {
        let text = "ä".repeat(1_000);
        let short = bounded(&text, 101);
        assert_eq!(
            short,
            format!(
                "{}\n[… 1900 bytes in 1 lines are left out here …]\n{}",
                "ä".repeat(16),
                "ä".repeat(34)
            )
        );
    }

    proptest::proptest! {
        #[test]
        fn it_is_never_much_longer_than_its_limit(text in "\\PC{0,20}(\n\\PC{0,20}){0,30}", limit in 0..200_usize) {
            let short = bounded(&text, limit);
            proptest::prop_assert!(short == text || short.len() <= limit + 64);
        }
    }
}
