use serde::Deserialize;
use serde_json::value::RawValue;

use super::content::{Content, Parts, Text};
use super::wrong::{Fields, Kind, Wrong, parse};
use crate::mock::wire::Asked;

const FIELDS: Fields = &[
    ("model", Kind::Text),
    ("messages", Kind::List),
    ("stream", Kind::Boolean),
    ("stream_options", Kind::Object),
    ("max_tokens", Kind::Count),
    ("max_completion_tokens", Kind::Count),
];

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Raw<'a> {
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    messages: Option<Vec<Message<'a>>>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct StreamOptions {
    include_usage: Option<bool>,
}

/// A message of Chat Completions, and of Ollama, which took it from there.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    role: Option<Text<'a>>,
    #[serde(borrow, default)]
    content: Content<'a>,
    #[serde(borrow, default)]
    refusal: Content<'a>,
    #[serde(borrow)]
    tool_calls: Option<Vec<Call<'a>>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Call<'a> {
    #[serde(borrow)]
    function: Option<Function<'a>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Function<'a> {
    /// A text for OpenAI, an object for Ollama.
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

/// Reads a request for a chat completion.
pub(super) fn read(body: &[u8]) -> Result<Asked<'_>, Wrong> {
    let raw: Raw<'_> = parse(body, FIELDS)?;
    let model = raw.model.ok_or_else(|| Wrong::missing("model"))?;
    let messages = raw.messages.ok_or_else(|| Wrong::missing("messages"))?;
    if messages.is_empty() {
        return Err(Wrong::Empty("messages"));
    }
    let mut parts = Parts::default();
    parts.tools(raw.tools);
    add(messages, &mut parts)?;
    Ok(Asked {
        model: model.0,
        parts: parts.list,
        stream: raw.stream.unwrap_or(false),
        usage: raw
            .stream_options
            .and_then(|options| options.include_usage)
            .unwrap_or(false),
        max_tokens: raw.max_completion_tokens.or(raw.max_tokens),
    })
}

/// Adds the texts of the messages, and what they call tools with.
pub(super) fn add<'a>(messages: Vec<Message<'a>>, parts: &mut Parts<'a>) -> Result<(), Wrong> {
    for (index, message) in messages.into_iter().enumerate() {
        if let Content::Odd(found) = message.content {
            return Err(Wrong::Type {
                path: format!("messages.{index}.content"),
                expected: Kind::TextOrList,
                found,
            });
        }
        let Some(role) = message.role else {
            return Err(Wrong::Missing(format!("messages.{index}.role")));
        };
        parts.add(&role, message.content);
        parts.add(&role, message.refusal);
        for call in message.tool_calls.into_iter().flatten() {
            if let Some(arguments) = call.function.and_then(|function| function.arguments) {
                // A text is taken out of its quotes where that needs no copy of its own.
                let text = serde_json::from_str::<Text<'a>>(arguments.get());
                parts.push(&role, text.map_or(arguments.get().into(), |text| text.0));
            }
        }
    }
    Ok(())
}
