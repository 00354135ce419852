/// What stands between a command and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// Nothing, `;` or `&`.
    Begin,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|` or `|&`.
    Pipe,
}

/// A command of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) joint: Joint,
    pub(super) text: &'a str,
}

impl<'a> Part<'a> {
    /// Its words from the program on: what only sets the stage for it (`sudo`, `A=b`, `!`) is left out. Quotes stay.
    pub(super) fn words(&self) -> impl Iterator<Item = &'a str> {
        let stage = |word: &&str| {
            let assigns = word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
            });
            assigns || ["sudo", "time", "!", "(", "{", "env", "exec"].contains(word)
        };
        self.text
            .trim_matches(['(', ')'])
            .split_whitespace()
            .skip_while(stage)
    }
}

/// The commands of a line, or of several, as far as that can be told without a shell: what is quoted, escaped or in
/// parentheses divides nothing.
pub(super) fn parts(line: &str) -> Vec<Part<'_>> {
    cut(line).0
}

/// Whether a quote or a parenthesis is still open at the end, so that the command goes on in the next line.
pub(super) fn is_open(line: &str) -> bool {
    cut(line).1
}

fn cut(line: &str) -> (Vec<Part<'_>>, bool) {
    let bytes = line.as_bytes();
    let mut found: Vec<Part<'_>> = Vec::new();
    let (mut start, mut joint, mut at, mut depth) = (0, Joint::Begin, 0, 0_usize);
    let mut quote: Option<u8> = None;
    while at < bytes.len() {
        let byte = bytes[at];
        let mut length = 1;
        match (byte, quote) {
            (b'\\', None | Some(b'"')) => length = 2,
            (b'\'' | b'"' | b'`', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => {}
            // A comment: nothing after it in its line is run. And where nothing stands before a line's end, as after
            // `&&`, the command goes on.
            (b'#', None) if at == 0 || bytes[at - 1].is_ascii_whitespace() => {
                length = memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
                let text = line[start..at].trim();
                if depth == 0 {
                    start = at + length;
                }
                if depth == 0 && !text.is_empty() {
                    found.push(Part { joint, text });
                    joint = Joint::Begin;
                }
            }
            (b'\n', None) if depth == 0 => {
                let text = line[start..at].trim();
                start = at + 1;
                if !text.is_empty() {
                    found.push(Part { joint, text });
                    joint = Joint::Begin;
                }
            }
            // Within `[[ … ]]`, `&&` and `||` join no commands.
            (b'[', None) if begins_test(bytes, at) => (depth, length) = (depth + 1, 2),
            (b']', None) if depth > 0 && bytes[at..].starts_with(b"]]") && bytes[at - 1] == b' ' => {
                (depth, length) = (depth - 1, 2);
            }
            (b'(', None) => depth += 1,
            (b')', None) => depth = depth.saturating_sub(1),
            (b'|' | b'&' | b';', None) if depth == 0 => {
                let next = bytes.get(at + 1).copied();
                let (is, bytes_of) = match (byte, next) {
                    (b'|', Some(b'|')) => (Some(Joint::Or), 2),
                    (b'|', Some(b'&')) => (Some(Joint::Pipe), 2),
                    (b'|', _) => (Some(Joint::Pipe), 1),
                    (b'&', Some(b'&')) => (Some(Joint::And), 2),
                    // `2>&1`, `&>file`: a redirection.
                    (b'&', Some(b'>')) => (None, 1),
                    (b'&', _) if at > 0 && matches!(bytes[at - 1], b'>' | b'<') => (None, 1),
                    _ => (Some(Joint::Begin), 1),
                };
                length = bytes_of;
                if let Some(is) = is {
                    found.push(Part {
                        joint,
                        text: line[start..at].trim(),
                    });
                    start = at + length;
                    joint = is;
                }
            }
            _ => {}
        }
        at += length;
    }
    let rest = line.get(start..at.min(bytes.len())).unwrap_or_default().trim();
    found.push(Part { joint, text: rest });
    found.retain(|part| !part.text.is_empty());
    (found, quote.is_some() || depth > 0)
}

fn begins_test(bytes: &[u8], at: usize) -> bool {
    let alone = at == 0 || bytes[at - 1].is_ascii_whitespace();
    alone && (bytes[at..].starts_with(b"[[ ") || bytes[at..].starts_with(b"[[\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Vec<(Joint, &str)> {
        parts(line).iter().map(|part| (part.joint, part.text)).collect()
    }

    #[test]
    fn a_line_is_cut_where_a_shell_would_cut_it() {
        let table: [(&str, &[(Joint, &str)]); 10] = [
            ("a b", &[(Joint::Begin, "a b")]),
            (
                "a && b || c",
                &[(Joint::Begin, "a"), (Joint::And, "b"), (Joint::Or, "c")],
            ),
            (
                "a | b |& c; d & e",
                &[
                    (Joint::Begin, "a"),
                    (Joint::Pipe, "b"),
                    (Joint::Pipe, "c"),
                    (Joint::Begin, "d"),
                    (Joint::Begin, "e"),
                ],
            ),
            (
                "[[ a && b || c ]] && d",
                &[(Joint::Begin, "[[ a && b || c ]]"), (Joint::And, "d")],
            ),
            ("a 2>&1 &>f", &[(Joint::Begin, "a 2>&1 &>f")]),
            (
                "a '|' \"||\" \\| $(b | c) # | d",
                &[(Joint::Begin, "a '|' \"||\" \\| $(b | c)")],
            ),
            ("a 'ü", &[(Joint::Begin, "a 'ü")]),
            (
                "a # | x\nb &&\n  # y\n  c\nd",
                &[
                    (Joint::Begin, "a"),
                    (Joint::Begin, "b"),
                    (Joint::And, "c"),
                    (Joint::Begin, "d"),
                ],
            ),
            ("a '\n' (\n) b", &[(Joint::Begin, "a '\n' (\n) b")]),
            ("", &[]),
        ];
        for (line, expected) in table {
            assert_eq!(told(line), expected, "{line}");
        }
        let words = |line: &str| parts(line)[0].words().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words("A=b sudo vim c"), ["vim", "c"]);
        assert_eq!(words("(cd a)"), ["cd", "a"]);
        assert!(is_open("a 'b") && is_open("x=$(a\nb") && !is_open("a 'b' $(c) # '"));
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_too_odd(line in "[a|&;()'\"\\\\# ü<>\n]{0,12}") {
            let _ = parts(&line);
        }
    }
}
