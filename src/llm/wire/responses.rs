//! OpenAI's Responses.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::text::{self, Text};
use super::{Chunk, Malformed, Options, ServerError};
use crate::llm::{Finish, Request, Usage};

/// Keys of the body that are ours.
pub(super) const OWN_KEYS: [&str; 4] = ["model", "input", "instructions", "stream"];

/// The body of the request, byte for byte as it is sent.
///
/// The texts come last, the shared ones first, so that two requests of the same plan are equal up to the first byte in
/// which their texts differ. The provider is asked not to keep the response: nothing here ever asks for it again.
pub fn encode(request: &Request, options: &Options) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(options.model));
    if !options.whole {
        body.insert("stream".to_owned(), json!(true));
    }
    body.insert("store".to_owned(), json!(false));
    if let Some(most) = options.max_tokens {
        body.insert("max_output_tokens".to_owned(), json!(most));
    }
    options.add_further(&OWN_KEYS, &mut body);
    body.insert("instructions".to_owned(), json!(&*request.system));
    body.insert(
        "input".to_owned(),
        json!([{"role": "user", "content": request.user()}]),
    );
    Value::Object(body).to_string().into_bytes()
}

/// Reads the data of one event of the stream. Events and fields that are not known are skipped, and so are a model's
/// reasoning and its calls of tools.
///
/// Fails when the data is no JSON object of the right shape.
pub fn decode(data: &str) -> Result<Chunk<'_>, Malformed> {
    let raw: Raw<'_> = text::json(data)?;
    let mut chunk = Chunk::default();
    match raw.kind.as_ref().map(|kind| &*kind.0) {
        Some("response.output_text.delta") => chunk.text = raw.delta.and_then(Delta::text),
        Some("response.refusal.delta") => chunk.refusal = raw.delta.and_then(Delta::text),
        Some("response.created" | "response.queued" | "response.in_progress") => {
            chunk = raw.response.map(Response::head).unwrap_or_default();
        }
        Some(
            end @ ("response.completed" | "response.incomplete" | "response.failed" | "response.cancelled"),
        ) => {
            chunk = raw.response.unwrap_or_default().end(end);
        }
        Some("error") => chunk.error = Some(flat(data)),
        _ => chunk.error = raw.error.as_ref().map(ServerError::from_value),
    }
    Ok(chunk)
}

/// Reads a whole reply, as a server sends it that does not stream.
///
/// Fails like [`decode`], and when the response is not at its end.
pub fn decode_whole(body: &[u8]) -> Result<Chunk<'_>, Malformed> {
    let mut response: Response<'_> = text::json(text::utf8(body)?)?;
    let status = response
        .status
        .take()
        .map(|status| format!("response.{}", status.0));
    let Some(end) = status else {
        return match ServerError::parse(body) {
            Some(error) => Ok(Chunk {
                error: Some(error),
                ..Chunk::default()
            }),
            None => Err(Malformed("it holds no response".to_owned())),
        };
    };
    let ends = [
        "response.completed",
        "response.incomplete",
        "response.failed",
        "response.cancelled",
    ];
    if !ends.contains(&end.as_str()) {
        return Err(Malformed("the response is not at its end".to_owned()));
    }
    let parts: Vec<Part<'_>> = response
        .output
        .take()
        .into_iter()
        .flatten()
        .filter(|item| item.kind.as_ref().is_some_and(|kind| kind.0 == "message"))
        .flat_map(|item| item.content.unwrap_or_default())
        .collect();
    let mut chunk = response.end(&end);
    if chunk.error.is_none() {
        let (mut said, mut refused) = (String::new(), String::new());
        for part in parts {
            said.extend(part.text.map(|text| text.0));
            refused.extend(part.refusal.map(|text| text.0));
        }
        chunk.text = Some(said.into());
        chunk.refusal = (!refused.is_empty()).then(|| refused.into());
    }
    Ok(chunk)
}

/// The event `error`, which is flat; its `type` is that of the event and says nothing.
fn flat(data: &str) -> ServerError {
    let mut error = ServerError::parse(data.as_bytes()).unwrap_or_default();
    error.kind = error.kind.filter(|kind| kind != "error");
    error
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    response: Option<Response<'a>>,
    error: Option<Value>,
}

/// More of a text, or of something else that is skipped.
#[derive(Deserialize)]
#[serde(untagged)]
enum Delta<'a> {
    #[serde(borrow)]
    Text(Text<'a>),
    Other(serde::de::IgnoredAny),
}

impl<'a> Delta<'a> {
    fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text.0),
            Self::Other(_) => None,
        }
    }
}

#[derive(Default, Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow)]
    incomplete_details: Option<Incomplete<'a>>,
    #[serde(borrow)]
    output: Option<Vec<Item<'a>>>,
    usage: Option<RawUsage>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Incomplete<'a> {
    #[serde(borrow)]
    reason: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    content: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    refusal: Option<Text<'a>>,
}

impl<'a> Response<'a> {
    /// What is known before anything was said.
    fn head(self) -> Chunk<'a> {
        Chunk {
            id: self.id.map(|id| id.0),
            model: self.model.map(|model| model.0),
            ..Chunk::default()
        }
    }

    /// What the event `end` says of a response.
    fn end(mut self, end: &str) -> Chunk<'a> {
        let error = self.error.take();
        let usage = self.usage.take().map(RawUsage::counted);
        let reason = self
            .incomplete_details
            .take()
            .and_then(|incomplete| incomplete.reason);
        let mut chunk = self.head();
        if end == "response.failed" {
            chunk.error = Some(error.as_ref().map(ServerError::from_value).unwrap_or_default());
            return chunk;
        }
        chunk.usage = usage;
        chunk.done = true;
        chunk.finish = Some(match end {
            "response.completed" => Finish::Stop,
            "response.cancelled" => Finish::Other("cancelled".to_owned()),
            _ => match reason.as_ref().map(|reason| &*reason.0) {
                Some("max_output_tokens") => Finish::Length,
                Some("content_filter") => Finish::ContentFilter,
                other => Finish::Other(other.unwrap_or("incomplete").to_owned()),
            },
        });
        chunk
    }
}

#[derive(Deserialize)]
struct RawUsage {
    input_tokens: Option<u64>,
    input_tokens_details: Option<Details>,
    output_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
}

impl RawUsage {
    fn counted(self) -> Usage {
        Usage {
            input: self.input_tokens.unwrap_or(0),
            cached: self
                .input_tokens_details
                .and_then(|details| details.cached_tokens)
                .unwrap_or(0),
            output: self.output_tokens.unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests;
