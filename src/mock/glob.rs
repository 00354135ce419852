/// Whether `text` is what `pattern` says, in which a `*` stands for any text, none too.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    let mut rest = rest;
    // A part between two stars may stand as far left as it can: what follows has the most room then.
    while let Some((part, after)) = rest.split_once('*') {
        let Some(at) = text.find(part) else {
            return false;
        };
        text = &text[at + part.len()..];
        rest = after;
    }
    text.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let cases = [
            ("gpt-4", "gpt-4", true),
            ("gpt-4", "gpt-4o", false),
            ("gpt-*", "gpt-", true),
            ("gpt-*", "xgpt-4", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("*-mini", "gpt-4o-mini", true),
            ("*-mini", "gpt-mini-4", false),
            ("a*b*a", "aba", true),
            ("a*b*a", "ab", false),
            // The head and the tail may not share what they stand on.
            ("aa*aa", "aaa", false),
            ("*ab*ab*", "abxxab", true),
            ("*ab*ab*", "ab", false),
            ("é*é", "éxé", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(fits(pattern, text), expected, "{pattern} over {text}");
        }
    }
}
