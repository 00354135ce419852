use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::content::{Content, Parts, Text};
use super::wrong::{Fields, Kind, Wrong, parse};
use crate::mock::wire::Asked;

/// The most marks for the cache in one request.
const KEPT: usize = 4;

const FIELDS: Fields = &[
    ("model", Kind::Text),
    ("messages", Kind::List),
    ("max_tokens", Kind::Count),
    ("system", Kind::TextOrList),
    ("stream", Kind::Boolean),
];

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Raw<'a> {
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    messages: Option<Vec<Message<'a>>>,
    max_tokens: Option<u64>,
    #[serde(borrow, default)]
    system: Content<'a>,
    stream: Option<bool>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
    /// It stands for a mark on the last block.
    cache_control: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Message<'a> {
    #[serde(borrow)]
    role: Option<Text<'a>>,
    #[serde(borrow, default)]
    content: Content<'a>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Tool {
    cache_control: Option<IgnoredAny>,
}

/// Reads a request for a message. One that only has its tokens `counted` says nothing of how many there may be.
pub(super) fn read(body: &[u8], counted: bool) -> Result<Asked<'_>, Wrong> {
    let raw: Raw<'_> = parse(body, FIELDS)?;
    let model = raw.model.ok_or_else(|| Wrong::missing("model"))?;
    if raw.max_tokens.is_none() && !counted {
        return Err(Wrong::missing("max_tokens"));
    }
    let messages = raw.messages.ok_or_else(|| Wrong::missing("messages"))?;
    if messages.is_empty() {
        return Err(Wrong::Empty("messages"));
    }
    let mut parts = Parts::default();
    parts.tools(raw.tools);
    for _ in 0..kept_tools(raw.tools) {
        parts.keep();
    }
    content(
        "system".to_owned(),
        &Text("system".into()),
        raw.system,
        &mut parts,
    )?;
    for (index, message) in messages.into_iter().enumerate() {
        let Some(role) = message.role else {
            return Err(Wrong::Missing(format!("messages.{index}.role")));
        };
        content(
            format!("messages.{index}.content"),
            &role,
            message.content,
            &mut parts,
        )?;
    }
    if raw.cache_control.is_some() {
        parts.keep();
    }
    if parts.kept > KEPT {
        return Err(Wrong::Kept(parts.kept));
    }
    Ok(Asked {
        model: model.0,
        parts: parts.list,
        stream: raw.stream.unwrap_or(false),
        usage: true,
        max_tokens: raw.max_tokens,
    })
}

fn content<'a>(
    path: String,
    role: &Text<'a>,
    content: Content<'a>,
    parts: &mut Parts<'a>,
) -> Result<(), Wrong> {
    if let Content::Odd(found) = content {
        return Err(Wrong::Type {
            path,
            expected: Kind::TextOrList,
            found,
        });
    }
    parts.add(role, content);
    Ok(())
}

/// How many of the tools are marked for the cache. They are parsed for it only where the word stands in them.
fn kept_tools(tools: Option<&RawValue>) -> usize {
    let Some(tools) = tools.map(RawValue::get) else {
        return 0;
    };
    if memchr::memmem::find(tools.as_bytes(), b"\"cache_control\"").is_none() {
        return 0;
    }
    let tools: Vec<Tool> = serde_json::from_str(tools).unwrap_or_default();
    tools.iter().filter(|tool| tool.cache_control.is_some()).count()
}
