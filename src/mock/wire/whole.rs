use super::{Saying, chat, messages, ollama, responses};
use crate::mock::Dialect;

/// Room for what stands around a text, so that the bytes are not moved while they are written.
const AROUND: usize = 1536;

/// The body of a reply that is no stream.
pub fn whole(saying: &Saying) -> Vec<u8> {
    let mut out = Vec::with_capacity(AROUND + saying.text.len() + saying.text.len() / 8);
    match saying.dialect {
        Dialect::Chat => chat::whole(saying, &mut out),
        Dialect::Responses => responses::whole(saying, &mut out),
        Dialect::Messages => messages::whole(saying, &mut out),
        Dialect::Ollama => ollama::whole(saying, &mut out),
    }
    out
}

/// The `content-type` of a reply that is no stream, of errors and of lists.
pub fn content_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Chat | Dialect::Responses | Dialect::Messages => "application/json",
        Dialect::Ollama => "application/json; charset=utf-8",
    }
}
