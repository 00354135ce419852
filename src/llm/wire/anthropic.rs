//! Anthropic's Messages.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::text::{self, Text};
use super::{Chunk, Malformed, Options, ServerError};
use crate::llm::{Finish, Request, Usage};

/// Keys of the body that are ours.
pub(super) const OWN_KEYS: [&str; 4] = ["model", "messages", "system", "stream"];

/// The most tokens of a reply where nobody says: the API wants a number. A step's files as a whole fit, and every model
/// since Claude 4 takes it; one that does not says so before it works.
pub const MAX_TOKENS: u64 = 32_000;

/// The body of the request, byte for byte as it is sent.
///
/// The texts come last, and what all steps of a plan share is a block of its own that ends in a mark: the provider keeps
/// everything up to the mark, and reads it from its cache at the next step.
pub fn encode(request: &Request, options: &Options) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(options.model));
    if !options.whole {
        body.insert("stream".to_owned(), json!(true));
    }
    body.insert(
        "max_tokens".to_owned(),
        json!(options.max_tokens.unwrap_or(MAX_TOKENS)),
    );
    options.add_further(&OWN_KEYS, &mut body);
    let (shared, own) = (&*request.shared, request.own.as_str());
    let system = block(&request.system, shared.trim().is_empty());
    if !system.is_empty() {
        body.insert("system".to_owned(), Value::Array(system));
    }
    let content: Vec<Value> = [block(shared, true), block(own, false)].concat();
    body.insert(
        "messages".to_owned(),
        json!([{"role": "user", "content": content}]),
    );
    Value::Object(body).to_string().into_bytes()
}

/// A block of text, the last one that the cache keeps where `last` says so. The API takes no blank ones.
fn block(text: &str, last: bool) -> Vec<Value> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    let mut block = json!({"type": "text", "text": text});
    if last {
        block["cache_control"] = json!({"type": "ephemeral"});
    }
    vec![block]
}

/// Reads the data of one event of the stream. Events and fields that are not known are skipped, and so are a model's
/// thinking and its calls of tools.
///
/// Fails when the data is no JSON object of the right shape.
pub fn decode(data: &str) -> Result<Chunk<'_>, Malformed> {
    let raw: Raw<'_> = text::json(data)?;
    let mut chunk = Chunk::default();
    match raw.kind.as_ref().map(|kind| &*kind.0) {
        Some("ping") => chunk.ping = true,
        Some("message_start") => {
            if let Some(message) = raw.message {
                chunk.id = message.id.map(|id| id.0);
                chunk.model = message.model.map(|model| model.0);
                chunk.usage = message.usage.map(RawUsage::counted);
            }
        }
        Some("content_block_start") => chunk.text = raw.content_block.and_then(Block::text),
        Some("content_block_delta") => chunk.text = raw.delta.and_then(Block::text),
        Some("message_delta") => {
            let reason = raw.delta.and_then(|delta| delta.stop_reason);
            chunk.finish = reason.and_then(|reason| finish(&reason.0));
            chunk.usage = raw.usage.map(RawUsage::counted);
        }
        Some("message_stop") => chunk.done = true,
        Some("error") => chunk.error = Some(error(raw.error.as_ref())),
        // A gateway's own error has no type beside it.
        _ => chunk.error = raw.error.as_ref().map(ServerError::from_value),
    }
    Ok(chunk)
}

/// Reads a whole reply, as a server sends it that does not stream.
///
/// Fails like [`decode`], and when the reply has neither content nor an error.
pub fn decode_whole(body: &[u8]) -> Result<Chunk<'_>, Malformed> {
    let raw: Whole<'_> = text::json(text::utf8(body)?)?;
    let Some(content) = raw.content else {
        return match ServerError::parse(body) {
            Some(error) => Ok(Chunk {
                error: Some(error),
                ..Chunk::default()
            }),
            None => Err(Malformed("it holds no content".to_owned())),
        };
    };
    let texts: Vec<_> = content.into_iter().filter_map(Block::text).collect();
    Ok(Chunk {
        id: raw.id.map(|id| id.0),
        model: raw.model.map(|model| model.0),
        text: Some(texts.concat().into()),
        finish: raw.stop_reason.and_then(|reason| finish(&reason.0)),
        usage: raw.usage.map(RawUsage::counted),
        done: true,
        ..Chunk::default()
    })
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    #[serde(borrow)]
    content_block: Option<Block<'a>>,
    #[serde(borrow)]
    delta: Option<Block<'a>>,
    usage: Option<RawUsage>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    usage: Option<RawUsage>,
}

#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    content: Option<Vec<Block<'a>>>,
    #[serde(borrow)]
    stop_reason: Option<Text<'a>>,
    usage: Option<RawUsage>,
}

/// A block of content, a part of one, or what changes about the message.
#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    stop_reason: Option<Text<'a>>,
}

impl<'a> Block<'a> {
    fn text(self) -> Option<std::borrow::Cow<'a, str>> {
        let is_text = matches!(&*self.kind?.0, "text" | "text_delta");
        self.text.filter(|_| is_text).map(|text| text.0)
    }
}

#[derive(Deserialize)]
struct RawUsage {
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

impl RawUsage {
    /// The three counts of input tokens add up to all of them.
    fn counted(self) -> Usage {
        let cached = self.cache_read_input_tokens.unwrap_or(0);
        let parts = [self.input_tokens, self.cache_creation_input_tokens, Some(cached)];
        Usage {
            input: parts.into_iter().flatten().fold(0, u64::saturating_add),
            cached,
            output: self.output_tokens.unwrap_or(0),
        }
    }
}

fn error(told: Option<&Value>) -> ServerError {
    told.map(ServerError::from_value).unwrap_or_default()
}

fn finish(reason: &str) -> Option<Finish> {
    Some(match reason {
        "" => return None,
        "end_turn" | "stop_sequence" => Finish::Stop,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "refusal" => Finish::Refusal,
        other => Finish::Other(other.to_owned()),
    })
}

#[cfg(test)]
mod tests;
