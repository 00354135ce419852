//! What a request's bytes ask.

mod chat;
mod content;
mod messages;
mod ollama;
mod responses;
mod wrong;

use super::Asked;
use crate::mock::{Dialect, Refusal};

/// Reads a request for a reply. Fields that are not known are skipped, and so is what is no text (images, files, thoughts).
///
/// Fails with what the provider would answer: 400, in its own words.
#[expect(
    clippy::result_large_err,
    reason = "an error is answered at once and goes no further"
)]
pub fn read(dialect: Dialect, body: &[u8]) -> Result<Asked<'_>, Refusal> {
    let asked = match dialect {
        Dialect::Chat => chat::read(body),
        Dialect::Responses => responses::read(body),
        Dialect::Messages => messages::read(body, false),
        Dialect::Ollama => ollama::read(body),
    };
    asked.map_err(|wrong| wrong.refusal(dialect))
}

/// Reads a request that only has its tokens counted: it need not say how many the reply may have.
///
/// Fails like [`read`].
#[expect(
    clippy::result_large_err,
    reason = "an error is answered at once and goes no further"
)]
pub fn read_counted(dialect: Dialect, body: &[u8]) -> Result<Asked<'_>, Refusal> {
    match dialect {
        Dialect::Messages => messages::read(body, true).map_err(|wrong| wrong.refusal(dialect)),
        _ => read(dialect, body),
    }
}
