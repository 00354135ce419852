use std::borrow::Cow;
use std::sync::Arc;

use crate::words::{Joiner, Redactor, secrets};

/// Takes every known secret out of a reply, should a server put one there, also where it comes in pieces.
///
/// The text of a reply is otherwise passed on as it is, for it may become a file.
pub(super) struct Echo {
    known: Option<Arc<Redactor>>,
    joiner: Joiner,
}

impl Echo {
    /// Knows what has been learnt until now, the key of the request among it.
    pub(super) fn new() -> Self {
        Self::knowing(secrets::known())
    }

    fn knowing(known: Option<Arc<Redactor>>) -> Self {
        Self {
            joiner: Joiner::knowing(known.clone()),
            known,
        }
    }

    /// The text that can be shown now: what may be the beginning of a secret is held back.
    pub(super) fn pass<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        match self.joiner.pass(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(clean) => Cow::Owned(whole(clean)),
        }
    }

    /// What is still held back at the end.
    pub(super) fn rest(&mut self) -> String {
        whole(self.joiner.rest())
    }

    /// A whole text without secrets.
    pub(super) fn clean(&self, text: String) -> String {
        match self.known.as_ref().map(|known| known.redact(&text)) {
            Some(Cow::Owned(clean)) => clean,
            _ => text,
        }
    }
}

/// Whole characters go in, and whole characters come out.
fn whole(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(key: &str, pieces: &[&str]) -> Vec<String> {
        let mut echo = Echo::knowing(Some(Arc::new(Redactor::new([key]))));
        let mut shown: Vec<_> = pieces.iter().map(|piece| echo.pass(piece).into_owned()).collect();
        shown.push(echo.rest());
        shown
    }

    #[test]
    fn the_key_is_found_across_pieces_and_nothing_else_is_changed() {
        let key = "sk-0123456789abcdef";
        assert_eq!(shown(key, &["a sk-0123456789abcdef b"]), ["a [key] b", ""]);
        assert_eq!(
            shown(key, &["ä sk-01", "23456789abc", "def ö"]),
            ["ä ", "", "[key] ö", ""]
        );
        assert_eq!(shown(key, &["task", "sk-", "-x"]), ["ta", "sk", "sk--x", ""]);
        assert_eq!(shown(key, &["s", "k"]), ["", "", "sk"]);
        assert_eq!(shown(key, &["plain", " text"]), ["plain", " text", ""]);
    }

    #[test]
    fn a_stand_in_for_a_key_changes_no_text() {
        assert_eq!(shown("test", &["a test", "te", "st"]), ["a test", "te", "st", ""]);
    }
}
