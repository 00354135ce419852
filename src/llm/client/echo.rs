use std::borrow::Cow;

use crate::keys::Key;
use crate::words::Redactor;

/// A key shorter than this is a stand-in such as `EMPTY` or `test`: a word of ordinary text, and no secret.
const SHORTEST: usize = 16;

/// Takes the key out of a reply, should a server put it there, also where it comes in pieces.
///
/// The text of a reply is otherwise passed on as it is, for it may become a file.
pub(super) struct Echo {
    key: Option<(String, Redactor)>,
    held: String,
}

impl Echo {
    pub(super) fn new(key: Option<&Key>) -> Self {
        let secret = key.filter(|key| key.expose().len() >= SHORTEST);
        Self {
            key: secret.map(|key| (key.expose().to_owned(), key.redactor())),
            held: String::new(),
        }
    }

    /// The text that can be shown now: what may be the beginning of the key is held back.
    pub(super) fn pass<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        let Some((key, redactor)) = &self.key else {
            return Cow::Borrowed(text);
        };
        let begins = |text: &str| {
            let most = text.len().min(key.len() - 1);
            (1..=most)
                .rev()
                .find(|length| text.as_bytes().ends_with(&key.as_bytes()[..*length]))
        };
        if self.held.is_empty() && begins(text).is_none() {
            return redactor.redact(text);
        }
        self.held.push_str(text);
        let mut clean = redactor.redact(&self.held).into_owned();
        // A key is ASCII, so its beginning starts at the boundary of a character.
        self.held = match begins(&clean) {
            Some(length) => clean.split_off(clean.len() - length),
            None => String::new(),
        };
        Cow::Owned(clean)
    }

    /// What is still held back at the end.
    pub(super) fn rest(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// A whole text without the key.
    pub(super) fn clean(&self, text: String) -> String {
        match &self.key {
            Some((_, redactor)) => match redactor.redact(&text) {
                Cow::Borrowed(_) => text,
                Cow::Owned(clean) => clean,
            },
            None => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    fn echo(key: &str) -> Echo {
        let text = "[endpoint.a]\nkind='openai'\nurl='http://127.0.0.1'\nmodel='m'\nkey_env='K'\n";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, text).unwrap();
        let environment = Environment::from_iter([("STEPGATE_CONFIG", path.to_str().unwrap()), ("K", key)]);
        let config = crate::config::Config::load(&environment, &crate::config::Flags::default()).unwrap();
        let crate::config::EndpointKind::Provider(provider) = &config.endpoints["a"].kind else {
            panic!("{config:?}");
        };
        Echo::new(Key::of("a", provider, &environment).unwrap().as_ref())
    }

    fn shown(key: &str, pieces: &[&str]) -> Vec<String> {
        let mut echo = echo(key);
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
