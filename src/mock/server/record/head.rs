//! The headers that are passed on, and those that are written down.

use http::header::{self, HeaderMap, HeaderName};

use super::secrets::{Secrets, names_secret};
use super::wash::clean;

/// Headers that are about one connection, RFC 9110 7.6.1, and `expect`, which the server in front has answered.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::EXPECT,
    HeaderName::from_static("keep-alive"),
];

/// Headers that whoever sends a response says anew: of how long it is, and when it was sent. Nothing that is recorded is
/// encoded.
const SAID_ANEW: [HeaderName; 3] = [header::CONTENT_ENCODING, header::CONTENT_LENGTH, header::DATE];

/// The headers that go on to the other side.
pub(super) fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let stays = |name: &HeaderName| {
        HOP_BY_HOP.contains(name)
            || name.as_str().starts_with("proxy-")
            || named.iter().any(|other| other == name.as_str())
    };
    let passed = headers.iter().filter(|(name, _)| !stays(name));
    passed
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Those of a response's end-to-end headers that are written down, without secrets, and whether there was one in what is
/// left. A value that is no text is left out: a scenario cannot hold it.
pub(super) fn recorded(headers: &HeaderMap, secrets: &Secrets) -> (Vec<(String, String)>, bool) {
    let mut found = false;
    let kept = headers.iter().filter_map(|(name, value)| {
        if SAID_ANEW.contains(name) || names_secret(name) {
            return None;
        }
        let value = std::str::from_utf8(value.as_bytes()).ok()?;
        let clean = clean(secrets, value);
        found |= clean != value;
        Some((name.as_str().to_owned(), clean))
    });
    (kept.collect(), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn what_is_about_a_connection_stays() {
        let came = headers(&[
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("proxy-authorization", "Basic x"),
            ("transfer-encoding", "chunked"),
            ("set-cookie", "a=1"),
            ("x-api-key", "k"),
        ]);
        assert_eq!(
            end_to_end(&came),
            headers(&[("set-cookie", "a=1"), ("x-api-key", "k")])
        );
    }

    #[test]
    fn all_is_written_down_but_secrets_and_what_is_said_anew() {
        let came = headers(&[
            ("content-type", "text/event-stream"),
            ("content-length", "3"),
            ("content-encoding", "identity"),
            ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("openai-organization", "org-1"),
            ("openai-project", "proj-1"),
            ("anthropic-organization-id", "id"),
            ("cf-ray", "1-FRA"),
            ("set-cookie", "a=1"),
            ("x-session-token", "t"),
            ("x-ratelimit-remaining-tokens", "7"),
            ("x-request-id", "for sk-0123456789"),
            ("x-own", "ä"),
        ]);
        let expected = [
            ("content-type", "text/event-stream"),
            ("cf-ray", "1-FRA"),
            ("x-ratelimit-remaining-tokens", "7"),
            ("x-request-id", "for [key]"),
            ("x-own", "ä"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let request = headers(&[("x-api-key", "sk-0123456789")]);
        let secrets = Secrets::of(&request, []);
        assert_eq!(recorded(&came, &secrets), (expected.to_vec(), true));
    }
}
