use std::borrow::Cow;

/// A text whose lines end in a line feed alone, as models, shells and templates take them.
///
/// Most texts have no other line ends: they are found in one pass, and nothing is copied.
pub fn unix_lines(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_some() {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pairs_are_made_one() {
        assert_eq!(unix_lines("a\r\nb\rc\n\r\n"), "a\nb\rc\n\n");
        assert!(matches!(unix_lines("a\nb"), Cow::Borrowed("a\nb")));
    }
}
