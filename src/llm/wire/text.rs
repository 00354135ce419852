use std::borrow::Cow;

use serde::Deserialize;

use super::Malformed;

/// A text that is borrowed where the JSON has no escapes. Serde borrows a `Cow` only where it stands alone.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Reads one JSON value, and nothing after it.
pub(super) fn json<'a, T: Deserialize<'a>>(data: &'a str) -> Result<T, Malformed> {
    serde_json::from_str(data).map_err(|error| Malformed(error.to_string()))
}

/// The body of a reply that came at once, as text.
pub(super) fn utf8(body: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(body).map_err(|error| Malformed(error.to_string()))
}
