use serde::Deserialize;
use serde_json::value::RawValue;

use super::chat::{self, Message};
use super::content::{Parts, Text};
use super::wrong::{Fields, Kind, Wrong, parse};
use crate::mock::wire::Asked;

const FIELDS: Fields = &[
    ("model", Kind::Text),
    ("messages", Kind::List),
    ("stream", Kind::Boolean),
    ("options", Kind::Object),
];

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Raw<'a> {
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    messages: Option<Vec<Message<'a>>>,
    stream: Option<bool>,
    options: Option<Options>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Options {
    num_predict: Option<i64>,
}

/// Reads a request for a chat. One without messages is none that is wrong: it loads the model.
pub(super) fn read(body: &[u8]) -> Result<Asked<'_>, Wrong> {
    let raw: Raw<'_> = parse(body, FIELDS)?;
    let model = raw.model.ok_or_else(|| Wrong::missing("model"))?;
    let mut parts = Parts::default();
    parts.tools(raw.tools);
    chat::add(raw.messages.unwrap_or_default(), &mut parts)?;
    Ok(Asked {
        model: model.0,
        parts: parts.list,
        stream: raw.stream.unwrap_or(true),
        usage: true,
        // Less than nothing is its way to say that there is no limit.
        max_tokens: raw
            .options
            .and_then(|options| options.num_predict)
            .and_then(|most| u64::try_from(most).ok()),
    })
}
