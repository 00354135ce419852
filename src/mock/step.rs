use memchr::{memrchr, memrchr2};

use super::Part;

/// What stands before the id in the line that stepgate's own prompt has (`prompts/step.md`).
const LINE: &str = "# The step to carry out: ";

/// Id of the step that a conversation is about, by the last of its user's texts: the last line there that stepgate's
/// own prompt has for it, or else the last mention of a step by number (`Step 1.2`), in any case.
///
/// Looks from the end and never at more than it needs: a prompt may be long.
pub fn step_of<'a>(parts: &'a [Part<'a>]) -> Option<&'a str> {
    let text = &*parts.iter().rfind(|part| part.role == "user")?.text;
    of_line(text).or_else(|| of_mention(text))
}

fn of_line(text: &str) -> Option<&str> {
    let mut end = text.len();
    while let Some(at) = memrchr(b'#', &text.as_bytes()[..end]) {
        let begins = at == 0 || text.as_bytes()[at - 1] == b'\n';
        if begins
            && let Some(rest) = text[at..].strip_prefix(LINE)
            && let Some(id) = number(rest)
        {
            return Some(id);
        }
        end = at;
    }
    None
}

fn of_mention(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut end = bytes.len();
    while let Some(at) = memrchr2(b'p', b'P', &bytes[..end]) {
        end = at;
        let word = at.checked_sub(3)?;
        let whole = word == 0 || !(bytes[word - 1].is_ascii_alphanumeric() || bytes[word - 1] == b'_');
        if !whole || !bytes[word..at].eq_ignore_ascii_case(b"ste") {
            continue;
        }
        // `p` is ASCII, so what follows it begins a character.
        let rest = &text[at + 1..];
        let id = rest.trim_start_matches([' ', '\t', '\u{a0}']);
        if id.len() < rest.len()
            && let Some(id) = number(id)
        {
            return Some(id);
        }
    }
    None
}

/// The number of a step that text begins with: two or three numbers with dots between.
fn number(text: &str) -> Option<&str> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(text);
    let mut numbers = usize::from(end > 0);
    while (1..3).contains(&numbers)
        && let Some(rest) = text[end..].strip_prefix('.')
        && digits(rest) > 0
    {
        end += 1 + digits(rest);
        numbers += 1;
    }
    (numbers >= 2).then(|| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[(&'static str, &'static str)]) -> Option<String> {
        let part = |(role, text): &(&'static str, &'static str)| Part {
            role: (*role).into(),
            text: (*text).into(),
            keep: false,
        };
        let parts: Vec<Part<'_>> = texts.iter().map(part).collect();
        step_of(&parts).map(str::to_owned)
    }

    #[test]
    fn the_last_line_of_stepgate_s_own_prompt_counts_before_any_mention() {
        let text = "see Step 1.1\n# The step to carry out: 1.2, Pour\n# The step to carry out: 2.3.4, Drink\n\n\
                    # The step to carry out: {{ step.id }}\nCarry out Step 9.9.";
        assert_eq!(of(&[("user", text)]).as_deref(), Some("2.3.4"));
        let text = "# The step to carry out: 1.2, Pour";
        assert_eq!(of(&[("user", text)]).as_deref(), Some("1.2"));
    }

    #[test]
    fn without_such_a_line_the_last_mention_counts() {
        let cases = [
            ("do STEP\u{a0}1.2, then step 10.20.3.4 now", Some("10.20.3")),
            (
                "Step 1.2. No step, no misstep 2.1, no step2.1, no steps 3.1",
                Some("1.2"),
            ),
            ("## The step to carry out: 1.2\nstep  3.4", Some("3.4")),
            ("a # The step to carry out: 1.2", None),
            ("Step 1 and step 2.", None),
            ("p", None),
            ("ägep 1.2 step", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(of(&[("user", text)]).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn only_the_last_text_of_the_user_is_read() {
        let texts = [
            ("user", "Step 1.1"),
            ("assistant", "Step 1.2 it is"),
            ("user", "go on"),
            ("system", "Step 1.3"),
        ];
        assert_eq!(of(&texts), None);
        assert_eq!(of(&texts[..2]).as_deref(), Some("1.1"));
        assert_eq!(of(&[]), None);
    }
}
