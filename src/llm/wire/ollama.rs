//! Ollama's `/api/chat`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::openai::messages;
use super::text::{self, Text};
use super::{Chunk, Malformed, Options, ServerError};
use crate::llm::{Finish, Request, Usage};

/// Keys of the body that are ours.
pub(super) const OWN_KEYS: [&str; 5] = ["model", "messages", "stream", "truncate", "shift"];

/// The body of the request, byte for byte as it is sent.
///
/// By itself the server drops the middle of a prompt that is longer than its context, and of a reply that grows past it
/// the beginning, and says nothing. It is asked to refuse and to stop instead; a server that is too old for that ignores
/// it.
pub fn encode(request: &Request, options: &Options) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(options.model));
    // Where nothing is said, it streams.
    body.insert("stream".to_owned(), json!(!options.whole));
    body.insert("truncate".to_owned(), json!(false));
    body.insert("shift".to_owned(), json!(false));
    options.add_further(&OWN_KEYS, &mut body);
    let ours = [("num_ctx", options.num_ctx), ("num_predict", options.max_tokens)];
    let mut inner = match body.remove("options") {
        Some(Value::Object(further)) => further,
        _ => Map::new(),
    };
    for (key, value) in ours {
        if let Some(value) = value {
            inner.insert(key.to_owned(), json!(value));
        }
    }
    if !inner.is_empty() {
        body.insert("options".to_owned(), Value::Object(inner));
    }
    body.insert("messages".to_owned(), messages(request));
    Value::Object(body).to_string().into_bytes()
}

/// Reads one line of the stream. Fields that are not known are skipped, and so is a model's thinking.
///
/// Fails when the line is no JSON object of the right shape.
pub fn decode(data: &str) -> Result<Chunk<'_>, Malformed> {
    Ok(text::json::<Raw<'_>>(data)?.into_chunk())
}

/// Reads a whole reply, as a server sends it that does not stream.
///
/// Fails like [`decode`], and when the reply has neither a message nor an error.
pub fn decode_whole(body: &[u8]) -> Result<Chunk<'_>, Malformed> {
    let raw: Raw<'_> = text::json(text::utf8(body)?)?;
    if raw.message.is_none() && raw.error.is_none() {
        return Err(Malformed("it holds no message".to_owned()));
    }
    Ok(raw.into_chunk())
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    done: Option<bool>,
    #[serde(borrow)]
    done_reason: Option<Text<'a>>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    content: Option<Text<'a>>,
}

impl<'a> Raw<'a> {
    fn into_chunk(self) -> Chunk<'a> {
        let done = self.done.unwrap_or(false);
        let reason = self.done_reason.filter(|_| done);
        // A server may leave out what it did not have to read anew: then nothing is known of the whole.
        let usage = self.prompt_eval_count.zip(self.eval_count);
        Chunk {
            model: self.model.map(|model| model.0),
            text: self
                .message
                .and_then(|message| message.content)
                .map(|text| text.0),
            finish: reason.and_then(|reason| finish(&reason.0)),
            usage: usage.map(|(input, output)| Usage {
                input,
                cached: 0,
                output,
            }),
            error: self.error.as_ref().map(ServerError::from_value),
            done,
            ..Chunk::default()
        }
    }
}

fn finish(reason: &str) -> Option<Finish> {
    Some(match reason {
        "" => return None,
        "stop" => Finish::Stop,
        "length" => Finish::Length,
        other => Finish::Other(other.to_owned()),
    })
}

#[cfg(test)]
mod tests;
