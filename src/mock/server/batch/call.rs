use bytes::Bytes;
use http::{HeaderMap, Method};
use url::form_urlencoded;

use super::refusal::Refusal;

/// A request to a batch engine, its body in memory.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    /// What is to be done.
    pub(crate) method: &'a Method,
    /// The path from `/v1` on: whatever stands before it in the client's base URL is not part of it.
    pub(crate) path: &'a str,
    /// What stands behind the question mark.
    pub(crate) query: Option<&'a str>,
    /// The headers.
    pub(crate) headers: &'a HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
    /// Scheme, host and port of the server, for URLs in responses.
    pub(crate) base: &'a str,
    /// Seconds since 1970.
    pub(crate) now: i64,
    /// Number of the request, from 1: its id is made of it.
    pub(crate) number: u64,
}

impl Call<'_> {
    /// The value of a parameter of the query; an empty one is none.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.query.unwrap_or_default();
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.into_owned())
    }

    /// How many items of a list are asked for.
    ///
    /// # Errors
    ///
    /// Where `limit` is no number from 1 to `most`.
    pub(super) fn limit(&self, default: usize, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.parameter("limit") else {
            return Ok(default);
        };
        let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
        limit.ok_or_else(|| {
            let message = format!("limit: expected a number from 1 to {most}, but got '{text}'");
            Refusal::new(400, message).param("limit").code("invalid_value")
        })
    }
}
