use std::borrow::Cow;

use base64::Engine as _;

/// Takes known secrets out of text before it is shown, journalled or reported.
#[derive(Clone, Default)]
pub struct Redactor {
    forms: Vec<String>,
}

impl Redactor {
    /// Knows `secrets` in their plain, base64 and URL-encoded forms. A secret of fewer than 4 characters is ignored: it
    /// would blot out ordinary text, and is none.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut forms = Vec::new();
        for secret in secrets.into_iter().filter(|secret| secret.len() >= 4) {
            forms.push(secret.to_owned());
            forms.push(base64::engine::general_purpose::STANDARD.encode(secret));
            forms.push(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret));
            forms.push(url_encoded(secret));
        }
        // The longest first, so that a form that holds another is replaced whole.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Self { forms }
    }

    /// Every known form, the longest first, for those who search bytes.
    pub(crate) fn forms(&self) -> impl Iterator<Item = &str> {
        self.forms.iter().map(String::as_str)
    }

    /// `text` with every known form replaced by `[key]`.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = Cow::Borrowed(text);
        for form in &self.forms {
            if clean.contains(form.as_str()) {
                clean = Cow::Owned(clean.replace(form.as_str(), "[key]"));
            }
        }
        clean
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_form() {
        let redactor = Redactor::new(["sk-a/b+c"]);
        let base64 = base64::engine::general_purpose::STANDARD.encode("sk-a/b+c");
        let text = format!("sk-a/b+c {base64} sk-a%2Fb%2Bc other");
        assert_eq!(redactor.redact(&text), "[key] [key] [key] other");
    }
}
