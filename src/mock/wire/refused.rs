use super::{Header, error, headers};
use crate::mock::{Dialect, Refusal};

/// What a client is sent in place of a reply. The status is the refusal's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// All but `content-type`, which is that of [every body that is no stream](super::content_type).
    pub headers: Vec<Header>,
    /// The error in the dialect's shape.
    pub body: Vec<u8>,
}

/// The error response of a provider. `now` is in seconds since 1970.
pub fn refused(dialect: Dialect, number: u64, refusal: &Refusal, now: i64) -> Refused {
    let mut body = Vec::new();
    error::body(dialect, number, refusal, &mut body);
    Refused {
        headers: headers::refused(dialect, number, refusal, now),
        body,
    }
}
