use base64::Engine as _;
use http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, PROXY_AUTHORIZATION, SET_COOKIE};
use percent_encoding::percent_decode_str;

use crate::mock::{is_secret, recording};
use crate::words::forms;

/// What is shorter is looked for as a whole word only: within others it would stand by chance.
const SHORT: usize = 8;

/// What stands where a key must and is none, and what servers write over a cookie to remove it: ordinary words.
const STAND_INS: [&str; 11] = [
    "deleted", "dummy", "empty", "fake", "false", "mock", "none", "null", "ollama", "test", "true",
];

/// All secrets that an exchange carries, as far as names of headers and of the query tell.
///
/// A value of fewer than 4 bytes is no secret: it would be every second word, and is guessed at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets(Vec<String>);

/// A way in which a secret may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) bytes: Vec<u8>,
    /// Whether it counts as a whole word only.
    pub(super) word: bool,
}

impl Secrets {
    /// Knows those of a request: the values of its headers whose names say so, each with and without its scheme
    /// (`Bearer`, `Basic`), those of its cookies, and the keys of the queries.
    pub(super) fn of<'a>(headers: &HeaderMap, queries: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets = Self::default();
        secrets.learn(headers);
        for key in queries.into_iter().flat_map(recording::keys) {
            secrets.add(key);
            secrets.add(&percent_decode_str(key).decode_utf8_lossy());
        }
        secrets
    }

    /// Knows those of a response too: the cookies that it sets, and what its other headers say of the same kind.
    pub(super) fn learn(&mut self, headers: &HeaderMap) {
        for (name, value) in headers.iter().filter(|(name, _)| names_secret(name)) {
            let value = String::from_utf8_lossy(value.as_bytes());
            if *name == SET_COOKIE {
                self.cookie(value.split(';').next().unwrap_or_default());
            } else if *name == COOKIE {
                value.split(';').for_each(|pair| self.cookie(pair));
            } else if *name == AUTHORIZATION || *name == PROXY_AUTHORIZATION {
                self.credentials(&value);
            } else {
                self.add(&value);
                let (_, token) = value.split_once(' ').unwrap_or_default();
                self.add(token);
            }
        }
    }

    /// Every way in which one may be written, the longest first, so that one that holds another goes whole.
    pub(super) fn forms(&self) -> Vec<Form> {
        let long_enough = self.0.iter().filter(|secret| secret.len() >= 4);
        let mut forms: Vec<Form> = long_enough
            .flat_map(|secret| {
                let word = secret.len() < SHORT;
                forms(secret).into_iter().map(move |form| Form {
                    bytes: form.into_bytes(),
                    word,
                })
            })
            .collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.bytes.len()));
        forms
    }

    fn credentials(&mut self, value: &str) {
        self.add(value);
        let Some((scheme, token)) = value.split_once(' ') else {
            return;
        };
        self.add(token);
        if scheme.eq_ignore_ascii_case("basic")
            && let Some(password) = password(token.trim())
        {
            self.add(&password);
        }
        // As `Digest` and those of clouds have it.
        let pairs = token.split(',').filter_map(|pair| pair.split_once('='));
        for (_, value) in pairs.filter(|(name, _)| is_secret(name)) {
            self.add(value);
        }
    }

    fn cookie(&mut self, pair: &str) {
        if let Some((_, value)) = pair.split_once('=') {
            self.add(value);
            self.add(&percent_decode_str(value.trim()).decode_utf8_lossy());
        }
    }

    fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        let secret = secret
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(secret);
        if STAND_INS.iter().any(|word| secret.eq_ignore_ascii_case(word)) {
            return;
        }
        // As JSON has it, and as some servers write a slash in it.
        let json = serde_json::Value::from(secret).to_string();
        let json = json.get(1..json.len() - 1).unwrap_or_default();
        for form in [secret, json, &json.replace('/', "\\/")] {
            if !self.0.iter().any(|known| known == form) {
                self.0.push(form.to_owned());
            }
        }
    }
}

/// Whether a header's value is a secret, or says whose the key is.
pub(super) fn names_secret(name: &HeaderName) -> bool {
    let name = name.as_str();
    is_secret(name) || name.contains("-organization") || name == "openai-project"
}

fn password(token: &str) -> Option<String> {
    let decoded = base64::engine::general_purpose::STANDARD.decode(token).ok()?;
    let (_, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::server::record::wash::clean;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair =
            |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), value.parse().unwrap());
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn every_secret_of_a_request_is_known() {
        let headers = headers(&[
            ("authorization", "Basic dXNlcjpwYXNzd29yZC0x"),
            ("x-api-key", "sk-ant/1234"),
            ("cookie", "theme=dark; sid=\"abcdefgh-1\"; a=1"),
            ("x-goog-api-key", "AIza-12345"),
            ("openai-organization", "org-0123"),
            ("idempotency-key", "stainless-1"),
            ("content-type", "application/json"),
        ]);
        let secrets = Secrets::of(&headers, ["/x?key=q%2Dkey%2D123", "/y?sig=signed-0"]);
        let text = "dXNlcjpwYXNzd29yZC0x password-1 sk-ant\\/1234 dark darker abcdefgh-1 AIza-12345 stainless-1 \
                    application/json q-key-123 q%2Dkey%2D123 signed-0 org-0123 1";
        assert_eq!(
            clean(&secrets, text),
            "[key] [key] [key] [key] darker [key] [key] stainless-1 application/json [key] [key] [key] [key] 1"
        );
    }

    #[test]
    fn the_cookies_that_a_response_sets_are_known() {
        let mut secrets = Secrets::default();
        secrets.learn(&headers(&[
            ("set-cookie", "sid=fresh-cookie-1; Path=/; HttpOnly"),
            ("set-cookie", "csrf=a\\b-c%2Fd"),
        ]));
        assert_eq!(
            clean(&secrets, "fresh-cookie-1 Path=/; HttpOnly a\\\\b-c/d a\\b-c%2Fd"),
            "[key] Path=/; HttpOnly [key] [key]"
        );
    }

    #[test]
    fn the_parts_of_a_signature_are_known() {
        let value =
            "AWS4-HMAC-SHA256 Credential=AKID/1/aws4_request, SignedHeaders=host;date, Signature=0123abcd";
        let secrets = Secrets::of(&headers(&[("authorization", value)]), []);
        assert_eq!(
            clean(&secrets, "AKID/1/aws4_request host;date 0123abcd"),
            "[key] host;date [key]"
        );
    }

    #[test]
    fn a_stand_in_for_a_key_is_none() {
        let secrets = Secrets::of(&headers(&[("authorization", "Bearer EMPTY")]), []);
        assert_eq!(clean(&secrets, "an EMPTY word"), "an EMPTY word");
    }
}
