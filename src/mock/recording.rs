//! What a recorded request is known by: the recorder writes it, the server looks for it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};

use super::secret::is_secret;

/// Makes the digest of a request whose body comes in pieces.
#[derive(Debug, Clone)]
pub struct RequestDigest(Sha256);

impl RequestDigest {
    /// Begins with the method and the path with its query; what is a key in the query is left out.
    pub fn new(method: &str, path_and_query: &str) -> Self {
        let mut hash = Sha256::new();
        // Each with its length before it, so that no two requests are the same bytes.
        for text in [method, &without_keys(path_and_query)] {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text.as_bytes());
        }
        Self(hash)
    }

    /// Takes the next bytes of the body, as they are.
    pub fn body(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The 64 hexadecimal digits.
    pub fn finish(self) -> String {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in self.0.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// The digest of a whole request: SHA-256, as 64 hexadecimal digits.
///
/// The body counts byte for byte and no header counts; so does the query, but for its keys, which may be another's at
/// replay.
pub fn digest(method: &str, path_and_query: &str, body: &[u8]) -> String {
    let mut digest = RequestDigest::new(method, path_and_query);
    digest.body(body);
    digest.finish()
}

/// A path with its query, but for the parameters whose values are keys.
pub fn without_keys(path_and_query: &str) -> Cow<'_, str> {
    if keys(path_and_query).next().is_none() {
        return Cow::Borrowed(path_and_query);
    }
    let (path, query) = path_and_query.split_once('?').unwrap_or_default();
    let rest: Vec<&str> = query.split('&').filter(|pair| key(pair).is_none()).collect();
    if rest.is_empty() {
        return Cow::Borrowed(path);
    }
    Cow::Owned(format!("{path}?{}", rest.join("&")))
}

/// The values of the query that are keys, as they stand there.
pub fn keys(path_and_query: &str) -> impl Iterator<Item = &str> {
    let query = path_and_query.split_once('?').map(|(_, query)| query);
    query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter_map(key)
}

fn key(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    is_secret(&percent_decode_str(name).decode_utf8_lossy()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_path_query_and_body_count_and_keys_do_not() {
        let known = digest("POST", "/v1/chat/completions?a=1", b"{}");
        assert_eq!(
            known,
            "2f0769c95fff8b33b78a51e86a30f385b3da6f9ec679060905e16b4646abd979"
        );
        for other in [
            digest("PUT", "/v1/chat/completions?a=1", b"{}"),
            digest("POST", "/v1/chat/completions?a=2", b"{}"),
            digest("POST", "/v1/chat/completions", b"{}"),
            digest("POST", "/v1/chat/completions?a=1", b"{} "),
            digest("POST", "/v1/chat/completions?a=1{", b"}"),
            digest("POST/", "v1/chat/completions?a=1", b"{}"),
        ] {
            assert_ne!(known, other);
        }
        assert_eq!(
            known,
            digest("POST", "/v1/chat/completions?a=1&key=AIza-1", b"{}")
        );
        assert_eq!(
            known,
            digest("POST", "/v1/chat/completions?API%2DKey=x&a=1", b"{}")
        );
    }

    #[test]
    fn a_body_may_come_in_pieces() {
        let mut pieces = RequestDigest::new("POST", "/v1/x");
        pieces.body(b"one ");
        pieces.body(b"");
        pieces.body(b"two");
        assert_eq!(pieces.finish(), digest("POST", "/v1/x", b"one two"));
    }

    #[test]
    fn only_keys_leave_a_query() {
        for (whole, rest) in [
            ("/x", "/x"),
            ("/x?", "/x?"),
            ("/x?key=1", "/x"),
            ("/x?key", "/x?key"),
            ("/x?page_token=1&key=a=b&z", "/x?page_token=1&z"),
            ("/x?auth_key=1&accessToken=2&a=3", "/x?a=3"),
        ] {
            assert_eq!(without_keys(whole), rest);
        }
        assert_eq!(keys("/x?key=a=b&b=2&sig=%20").collect::<Vec<_>>(), ["a=b", "%20"]);
    }
}
