//! Values that may be written in more than one way, or only in some.

use std::fmt;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use jiff::fmt::friendly::SpanParser;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A time, such as `"300ms"`.
#[derive(Clone, Copy)]
pub(super) struct Time(pub(super) Duration);

const TIME: &str = "a time such as `\"300ms\"`, `\"2s\"` or `\"1m\"`";

impl Time {
    fn read<E: Error>(text: &str) -> Result<Self, E> {
        let time = SpanParser::new().parse_unsigned_duration(text);
        time.map(Self)
            .map_err(|_| E::custom(format!("`{text}` is no time\nwrite {TIME}")))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(TIME)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
                Time::read(text)
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// A text that is not empty.
pub(super) struct Word(pub(super) String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Err(D::Error::custom("an empty text says nothing here"));
        }
        Ok(Self(text))
    }
}

/// One text or a list of them.
#[derive(Default)]
pub(super) struct Words(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Words, E> {
                if text.is_empty() {
                    return Err(E::custom("an empty text says nothing here"));
                }
                Ok(Words(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(Word(word)) = list.next_element()? {
                    words.push(word);
                }
                Ok(Words(words))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// Numbers of calls: one, or from one to another.
pub(super) struct Calls(pub(super) (u32, u32));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallsTable {
    from: u32,
    to: Option<u32>,
}

impl<'de> Deserialize<'de> for Calls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrRange;
        impl<'de> Visitor<'de> for OneOrRange {
            type Value = Calls;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the number of a call, or a table such as `{ from = 2, to = 5 }`")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Calls, E> {
                let number = u32::try_from(number).unwrap_or(0);
                checked(number, number)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Calls, A::Error> {
                let table = CallsTable::deserialize(MapAccessDeserializer::new(map))?;
                checked(table.from, table.to.unwrap_or(u32::MAX))
            }
        }

        fn checked<E: Error>(from: u32, to: u32) -> Result<Calls, E> {
            if from == 0 || to < from {
                return Err(E::custom(
                    "there are no such calls\nthe first call is 1, and `to` is not before `from`",
                ));
            }
            Ok(Calls((from, to)))
        }

        deserializer.deserialize_any(OneOrRange)
    }
}

/// When a client may come again.
pub(super) enum Again {
    Seconds(Duration),
    Date(Duration),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DateTable {
    date: Time,
}

impl<'de> Deserialize<'de> for Again {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TimeOrDate;
        impl<'de> Visitor<'de> for TimeOrDate {
            type Value = Again;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{TIME}, or a table such as `{{ date = \"2s\" }}`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Again, E> {
                Time::read(text).map(|time| Again::Seconds(time.0))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Again, A::Error> {
                let table = DateTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Again::Date(table.date.0))
            }
        }
        deserializer.deserialize_any(TimeOrDate)
    }
}

/// The name of a header, in lower case.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name(pub(super) String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match HeaderName::from_bytes(text.as_bytes()) {
            Ok(name) => Ok(Self(name.as_str().to_owned())),
            Err(_) => Err(D::Error::custom(format!(
                "`{text}` cannot be the name of a header"
            ))),
        }
    }
}

/// The value of a header.
#[derive(Clone)]
pub(super) struct Content(pub(super) String);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match HeaderValue::from_str(&text) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(D::Error::custom("a header cannot have this value")),
        }
    }
}

/// Headers by name.
#[derive(Default)]
pub(super) struct Headers(pub(super) Vec<(String, String)>);

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let table = std::collections::BTreeMap::<Name, Content>::deserialize(deserializer)?;
        let headers = table.into_iter();
        Ok(Self(headers.map(|(name, value)| (name.0, value.0)).collect()))
    }
}
