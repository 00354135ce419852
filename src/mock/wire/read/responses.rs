use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::content::{Content, Parts, Text, TextOr};
use super::wrong::{Fields, Kind, Wrong, parse};
use crate::mock::wire::Asked;

const FIELDS: Fields = &[
    ("model", Kind::Text),
    ("input", Kind::TextOrList),
    ("instructions", Kind::Text),
    ("stream", Kind::Boolean),
    ("max_output_tokens", Kind::Count),
];

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Raw<'a> {
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow, default)]
    input: TextOr<'a, Item<'a>>,
    #[serde(borrow)]
    instructions: Option<Text<'a>>,
    stream: Option<bool>,
    max_output_tokens: Option<u64>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
    previous_response_id: Option<IgnoredAny>,
    conversation: Option<IgnoredAny>,
    prompt: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Item<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    role: Option<Text<'a>>,
    #[serde(borrow, default)]
    content: Content<'a>,
    /// What a tool is called with.
    #[serde(borrow, default)]
    arguments: Content<'a>,
    /// What a tool returned.
    #[serde(borrow, default)]
    output: Content<'a>,
}

/// Reads a request for a response.
pub(super) fn read(body: &[u8]) -> Result<Asked<'_>, Wrong> {
    let raw: Raw<'_> = parse(body, FIELDS)?;
    let model = raw.model.ok_or_else(|| Wrong::missing("model"))?;
    let mut parts = Parts::default();
    parts.tools(raw.tools);
    if let Some(instructions) = raw.instructions {
        parts.push(&Text("system".into()), instructions.0);
    }
    // Without an input there may be something that stands for it.
    let continued = raw.previous_response_id.is_some() || raw.conversation.is_some() || raw.prompt.is_some();
    match raw.input {
        TextOr::None if continued => {}
        TextOr::None => return Err(Wrong::missing("input")),
        TextOr::Text(text) => parts.push(&Text("user".into()), text),
        TextOr::List(items) if items.is_empty() && !continued => return Err(Wrong::Empty("input")),
        TextOr::List(items) => add(items, &mut parts)?,
        TextOr::Odd(found) => {
            return Err(Wrong::Type {
                path: "input".to_owned(),
                expected: Kind::TextOrList,
                found,
            });
        }
    }
    Ok(Asked {
        model: model.0,
        parts: parts.list,
        stream: raw.stream.unwrap_or(false),
        usage: true,
        max_tokens: raw.max_output_tokens,
    })
}

fn add<'a>(items: Vec<Item<'a>>, parts: &mut Parts<'a>) -> Result<(), Wrong> {
    for (index, item) in items.into_iter().enumerate() {
        let role = match (item.role, item.kind.as_ref().map(|kind| kind.0.as_ref())) {
            (Some(role), _) => role,
            (None, Some(kind)) if kind.ends_with("_output") => Text("tool".into()),
            (None, Some(kind)) if kind.ends_with("_call") => Text("assistant".into()),
            // An item without a kind is a message; one of another kind (thoughts, references) says nothing of its own.
            (None, None | Some("message")) => Text("user".into()),
            (None, Some(_)) => continue,
        };
        if let Content::Odd(found) = item.content {
            return Err(Wrong::Type {
                path: format!("input.{index}.content"),
                expected: Kind::TextOrList,
                found,
            });
        }
        parts.add(&role, item.content);
        parts.add(&role, item.arguments);
        parts.add(&role, item.output);
    }
    Ok(())
}
