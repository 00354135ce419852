use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::mock::Part;

/// A text that is borrowed where the JSON has no escapes. Serde borrows a `Cow` only where it stands alone.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// A text, or a list in its place. What is neither of the two is taken and told apart, since a provider refuses it in one
/// place and skips it in another.
#[derive(Debug, Default)]
pub(super) enum TextOr<'a, T> {
    #[default]
    None,
    Text(Cow<'a, str>),
    List(Vec<T>),
    /// In the words of an error: `an object`.
    Odd(&'static str),
}

/// What a message holds.
pub(super) type Content<'a> = TextOr<'a, Block<'a>>;

/// A part of a message, in any dialect. What a dialect does not have is not there.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Block<'a> {
    #[serde(borrow, default)]
    text: Content<'a>,
    #[serde(borrow, default)]
    refusal: Content<'a>,
    /// What a tool returned.
    #[serde(borrow, default)]
    content: Content<'a>,
    /// What a tool is called with.
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    cache_control: Option<IgnoredAny>,
}

/// Collects the texts of a request.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    /// In their order.
    pub(super) list: Vec<Part<'a>>,
    /// How many times the sender asked for the cache.
    pub(super) kept: usize,
}

impl<'a> Parts<'a> {
    /// Adds a text.
    pub(super) fn push(&mut self, role: &Text<'a>, text: Cow<'a, str>) {
        self.list.push(Part {
            role: role.0.clone(),
            text,
            keep: false,
        });
    }

    /// Adds the texts of a message. Whatever holds no text (images, files, thoughts) is skipped.
    pub(super) fn add(&mut self, role: &Text<'a>, content: Content<'a>) {
        match content {
            Content::None | Content::Odd(_) => {}
            Content::Text(text) => self.push(role, text),
            Content::List(blocks) => {
                for block in blocks {
                    self.add(role, block.text);
                    self.add(role, block.refusal);
                    self.add(role, block.content);
                    if let Some(input) = block.input {
                        self.push(role, input.get().into());
                    }
                    if block.cache_control.is_some() {
                        self.keep();
                    }
                }
            }
        }
    }

    /// Adds the definitions of the tools, as they stand in the request.
    pub(super) fn tools(&mut self, tools: Option<&'a RawValue>) {
        let text = tools.map_or("[]", RawValue::get);
        let empty = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .is_some_and(|rest| rest.trim().is_empty());
        if !empty {
            self.push(&Text("tools".into()), text.into());
        }
    }

    /// Marks the last text as the end of what the cache is to keep.
    pub(super) fn keep(&mut self) {
        self.kept += 1;
        if let Some(last) = self.list.last_mut() {
            last.keep = true;
        }
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for TextOr<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrVisitor(PhantomData))
    }
}

struct TextOrVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for TextOrVisitor<T> {
    type Value = TextOr<'de, T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a list of parts")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(TextOr::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(TextOr::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(TextOr::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(TextOr::List(items))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(TextOr::None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(TextOr::Odd("an object"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(TextOr::Odd("a boolean"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(TextOr::Odd("a number"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(TextOr::Odd("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(TextOr::Odd("a number"))
    }
}
