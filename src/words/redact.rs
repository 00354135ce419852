use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// What stands in the place of a secret.
pub(super) const PUT: &str = "[key]";

/// A piece of base64 shorter than this may be anything.
const SHORTEST_PIECE: usize = 12;

/// Takes known secrets out of text before it is shown, journalled or reported.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Vec<String>,
    /// All that they may look like.
    forms: Vec<String>,
    finder: Option<AhoCorasick>,
}

impl Redactor {
    /// Knows `secrets` plain, URL-encoded (either case), as they stand in JSON, and in base64, also as a part of a longer
    /// text, such as the `user:password` of a `Basic` header. What [is no secret](is_secret) is ignored.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut redactor = Self::default();
        let wanted = secrets.into_iter().filter(|secret| is_secret(secret));
        redactor.secrets.extend(wanted.map(str::to_owned));
        redactor.build();
        redactor
    }

    /// Learns one more. Returns whether it is new, and a secret.
    pub fn learn(&mut self, secret: &str) -> bool {
        if !is_secret(secret) || self.secrets.iter().any(|known| known == secret) {
            return false;
        }
        self.secrets.push(secret.to_owned());
        self.build();
        true
    }

    fn build(&mut self) {
        let mut forms: Vec<String> = self.secrets.iter().flat_map(|secret| forms(secret)).collect();
        forms.sort();
        forms.dedup();
        // The longest at a place, so that a form that holds another is replaced whole.
        let mut finder = AhoCorasick::builder();
        finder.match_kind(MatchKind::LeftmostLongest);
        // It fails for gigabytes of patterns only.
        self.finder = finder.build(&forms).ok().filter(|_| !forms.is_empty());
        self.forms = forms;
    }

    /// How many bytes at the end may be the beginning of a secret, in any form, whose rest is still to come.
    pub(super) fn begun(&self, bytes: &[u8]) -> usize {
        let begun = |form: &String| {
            let most = bytes.len().min(form.len() - 1);
            let ends = |length: &usize| form.as_bytes().starts_with(&bytes[bytes.len() - length..]);
            (1..=most).rev().find(ends).unwrap_or(0)
        };
        self.forms.iter().map(begun).max().unwrap_or(0)
    }

    /// Where known forms stand.
    pub(super) fn find(&self, bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
        let finder = self.finder.iter();
        finder.flat_map(move |finder| finder.find_iter(bytes).map(|found| found.range()))
    }

    /// `text` with every known form replaced by `[key]`.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match &self.finder {
            Some(finder) if finder.is_match(text) => {
                let mut clean = String::with_capacity(text.len());
                finder.replace_all_with(text, &mut clean, |_, _, clean| {
                    clean.push_str(PUT);
                    true
                });
                Cow::Owned(clean)
            }
            _ => Cow::Borrowed(text),
        }
    }

    /// Like [`redact`](Self::redact), for bytes that need not be text.
    pub fn redact_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match &self.finder {
            Some(finder) if finder.is_match(bytes) => {
                let mut clean = Vec::with_capacity(bytes.len());
                finder.replace_all_with_bytes(bytes, &mut clean, |_, _, clean| {
                    clean.extend_from_slice(PUT.as_bytes());
                    true
                });
                Cow::Owned(clean)
            }
            _ => Cow::Borrowed(bytes),
        }
    }
}

/// Whether a key is one that must not be seen. A short word is a stand-in such as `EMPTY`, `test` or `lm-studio`, which
/// servers without keys are given: to take it out would blot out ordinary text, and change files that a reply gives.
pub fn is_secret(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|byte| kind(&byte));
    match text.len() {
        0..8 => false,
        8..16 => has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic),
        _ => true,
    }
}

/// Everything that a secret may look like.
pub(crate) fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), url_encoded(secret)];
    forms.push(lower_hex(&url_encoded(secret)));
    // A query leaves a few characters as they are that a path does not.
    forms.extend(
        url::form_urlencoded::byte_serialize(secret.as_bytes())
            .map(str::to_owned)
            .reduce(|a, b| a + &b),
    );
    let json = serde_json::Value::from(secret).to_string();
    forms.push(json[1..json.len() - 1].to_owned());
    forms.push(json[1..json.len() - 1].replace('/', "\\/"));
    for engine in [STANDARD, URL_SAFE] {
        forms.push(engine.encode(secret));
        forms.push(engine.encode(secret).trim_end_matches('=').to_owned());
        forms.extend((0..3).filter_map(|shift| {
            // What stands before and after decides on the characters at the two ends; those between are always these.
            let text = engine.encode([&vec![0; shift], secret.as_bytes()].concat());
            let whole = (shift + secret.len()) * 8 / 6;
            let piece = text.get([0, 2, 3][shift]..whole)?;
            (piece.len() >= SHORTEST_PIECE).then(|| piece.to_owned())
        }));
    }
    forms
}

fn url_encoded(secret: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// `%2F` as `%2f`.
fn lower_hex(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| match part.split_at_checked(2) {
        Some((hex, rest)) => format!("{text}%{}{rest}", hex.to_lowercase()),
        None => format!("{text}%{part}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "sk-a/b+c\"d9";

    #[test]
    fn finds_every_form() {
        let redactor = Redactor::new([SECRET]);
        let basic = |user: &str| STANDARD.encode(format!("{user}:{SECRET}@"));
        for form in [
            SECRET.to_owned(),
            "sk-a%2Fb%2Bc%22d9".to_owned(),
            "sk-a%2fb%2bc%22d9".to_owned(),
            "sk-a/b+c\\\"d9".to_owned(),
            "sk-a\\/b+c\\\"d9".to_owned(),
            STANDARD.encode(SECRET),
            URL_SAFE.encode(SECRET).trim_end_matches('=').to_owned(),
        ] {
            assert_eq!(redactor.redact(&format!("a {form} z")), "a [key] z", "{form}");
            assert_eq!(
                redactor.redact_bytes(form.as_bytes()),
                b"[key]".as_slice(),
                "{form}"
            );
        }
        for user in ["", "u", "us", "use"] {
            let text = format!("Basic {}", basic(user));
            let clean = redactor.redact(&text);
            assert!(clean.contains("[key]"), "{text}: {clean}");
            assert!(clean.len() < text.len() - 8, "{text}: {clean}");
        }
        assert_eq!(redactor.redact("sk-a/b+c other"), "sk-a/b+c other");
    }

    #[test]
    fn a_stand_in_for_a_key_changes_no_text() {
        let mut redactor = Redactor::new(["", "test", "lm-studio", "hunter2"]);
        assert_eq!(
            redactor.redact("a test at lm-studio, hunter2"),
            "a test at lm-studio, hunter2"
        );
        assert!(!redactor.learn("EMPTY"));
        assert!(redactor.learn("hunter22"));
        assert!(!redactor.learn("hunter22"));
        assert_eq!(redactor.redact("test hunter22"), "test [key]");
    }
}
