//! OpenAI's Chat Completions, and every server that speaks it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::text::{self, Text};
use super::{Chunk, Malformed, Options, ServerError};
use crate::llm::{Finish, Request, Usage};

/// Keys of the body that are ours.
pub(super) const OWN_KEYS: [&str; 4] = ["model", "messages", "stream", "stream_options"];

/// The body of the request, byte for byte as it is sent.
///
/// The order of the keys is fixed and the messages come last, so that two requests of the same plan are equal up to the
/// first byte in which their texts differ.
pub fn encode(request: &Request, options: &Options) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(options.model));
    if !options.whole {
        body.insert("stream".to_owned(), json!(true));
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    if let Some(most) = options.max_tokens {
        body.insert("max_tokens".to_owned(), json!(most));
    }
    options.add_further(&OWN_KEYS, &mut body);
    body.insert("messages".to_owned(), messages(request));
    Value::Object(body).to_string().into_bytes()
}

/// A request as messages: as Chat Completions has them, and Ollama, which took them from there.
pub(super) fn messages(request: &Request) -> Value {
    json!([
        {"role": "system", "content": &*request.system},
        {"role": "user", "content": request.user()},
    ])
}

/// Reads the data of one event of the stream. Fields that are not known are skipped.
///
/// Fails when the data is neither `[DONE]` nor a JSON object of the right shape.
pub fn decode(data: &str) -> Result<Chunk<'_>, Malformed> {
    if data.trim() == "[DONE]" {
        return Ok(Chunk {
            done: true,
            ..Chunk::default()
        });
    }
    Ok(text::json::<Raw<'_>>(data)?.into_chunk(data))
}

/// Reads a whole reply, as a server sends it that does not stream.
///
/// Fails like [`decode`], and when the reply has neither a choice nor an error.
pub fn decode_whole(body: &[u8]) -> Result<Chunk<'_>, Malformed> {
    let text = text::utf8(body)?;
    let raw: Raw<'_> = text::json(text)?;
    let empty = raw.choices.as_ref().is_none_or(Vec::is_empty);
    let mut chunk = raw.into_chunk(text);
    if empty && chunk.error.is_none() {
        chunk.error = ServerError::parse(body);
        if chunk.error.is_none() {
            return Err(Malformed("it holds no choice".to_owned()));
        }
    }
    // A body that was read to its end is whole, even where the server does not say why the model stopped.
    chunk.done = true;
    Ok(chunk)
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    choices: Option<Vec<Choice<'a>>>,
    usage: Option<RawUsage>,
    error: Option<Value>,
    #[serde(borrow)]
    object: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    index: Option<u64>,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    message: Option<Delta<'a>>,
    #[serde(borrow)]
    finish_reason: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow)]
    content: Option<Text<'a>>,
    #[serde(borrow)]
    refusal: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct RawUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
}

impl<'a> Raw<'a> {
    fn into_chunk(self, data: &str) -> Chunk<'a> {
        let is_error = self.object.is_some_and(|object| object.0 == "error");
        let error = match &self.error {
            Some(error) => Some(ServerError::from_value(error)),
            None if is_error => ServerError::parse(data.as_bytes()),
            None => None,
        };
        let mut chunk = Chunk {
            id: self.id.map(|id| id.0),
            model: self.model.map(|model| model.0),
            usage: self.usage.map(RawUsage::counted),
            error,
            ..Chunk::default()
        };
        // One choice is asked for; the usage chunk has none.
        let first = self
            .choices
            .into_iter()
            .flatten()
            .find(|choice| choice.index.unwrap_or(0) == 0);
        if let Some(choice) = first {
            if let Some(delta) = choice.delta.or(choice.message) {
                chunk.text = delta.content.map(|text| text.0);
                chunk.refusal = delta.refusal.map(|text| text.0);
            }
            chunk.finish = choice.finish_reason.and_then(|reason| finish(&reason.0));
        }
        chunk
    }
}

impl RawUsage {
    fn counted(self) -> Usage {
        Usage {
            input: self.prompt_tokens.unwrap_or(0),
            cached: self
                .prompt_tokens_details
                .and_then(|details| details.cached_tokens)
                .unwrap_or(0),
            output: self.completion_tokens.unwrap_or(0),
        }
    }
}

/// An empty reason is none: some servers send one in every chunk.
fn finish(reason: &str) -> Option<Finish> {
    Some(match reason {
        "" => return None,
        "stop" | "eos_token" | "stop_sequence" => Finish::Stop,
        "length" | "max_tokens" => Finish::Length,
        "content_filter" => Finish::ContentFilter,
        "refusal" => Finish::Refusal,
        other => Finish::Other(other.to_owned()),
    })
}

#[cfg(test)]
mod tests;
