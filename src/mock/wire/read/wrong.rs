use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::mock::wire::error;
use crate::mock::{Dialect, Refusal};

/// Why a request cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is not JSON, or not of the right shape in a place that is not known better; what the parser says.
    Json(String),
    /// A field that must be there is not; where it would stand.
    Missing(String),
    /// A list that must hold something does not.
    Empty(&'static str),
    /// A field is of the wrong type.
    Type {
        /// Where it stands, steps divided by dots (`messages.0.content`).
        path: String,
        /// What it should be.
        expected: Kind,
        /// What it is.
        found: &'static str,
    },
    /// More marks for the cache than the provider takes; how many.
    Kept(usize),
}

/// What a field should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    List,
    TextOrList,
    Object,
    Boolean,
    Count,
}

/// The fields that a dialect's requests have, as far as they are read.
pub(super) type Fields = &'static [(&'static str, Kind)];

impl Kind {
    /// In an error of OpenAI.
    fn words(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::List => "an array",
            Self::TextOrList => "a string or an array",
            Self::Object => "an object",
            Self::Boolean => "a boolean",
            Self::Count => "a non-negative integer",
        }
    }

    /// In an error of Anthropic.
    fn noun(self) -> &'static str {
        match self {
            Self::Text => "a valid string",
            Self::List => "a valid list",
            Self::TextOrList => "a valid string or list",
            Self::Object => "a valid dictionary",
            Self::Boolean => "a valid boolean",
            Self::Count => "a valid non-negative integer",
        }
    }

    /// In an error of Ollama.
    fn go(self) -> &'static str {
        match self {
            Self::Text | Self::TextOrList => "string",
            Self::List => "[]api.Message",
            Self::Object => "api.Message",
            Self::Boolean => "bool",
            Self::Count => "int",
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::List => value.is_array(),
            Self::TextOrList => value.is_string() || value.is_array(),
            Self::Object => value.is_object(),
            Self::Boolean => value.is_boolean(),
            Self::Count => value.is_u64(),
        }
    }
}

/// Parses a request, and finds the field that is wrong where it cannot be parsed.
pub(super) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8], fields: Fields) -> Result<T, Wrong> {
    // Serde would take a list for an object whose keys are left out.
    if body.trim_ascii_start().first() != Some(&b'{') {
        let error = match serde_json::from_slice::<IgnoredAny>(body) {
            Ok(_) => "expected an object at line 1 column 1".to_owned(),
            Err(error) => error.to_string(),
        };
        return Err(Wrong::Json(error));
    }
    serde_json::from_slice(body).map_err(|error| {
        serde_json::from_slice(body)
            .ok()
            .and_then(|value| odd_field(&value, fields))
            .unwrap_or_else(|| Wrong::Json(error.to_string()))
    })
}

/// Where a request is of the wrong shape. It is looked for a second time because the parser knows lines and columns, and
/// providers name fields.
fn odd_field(body: &Value, fields: Fields) -> Option<Wrong> {
    let wrong = |path: String, expected: Kind, value: &Value| Wrong::Type {
        path,
        expected,
        found: word(value),
    };
    let odd = |value: &Value, path: &str, (name, kind): (&str, Kind)| {
        let value = value.get(name).filter(|value| !value.is_null())?;
        (!kind.fits(value)).then(|| wrong(format!("{path}{name}"), kind, value))
    };
    if let Some(found) = fields.iter().find_map(|field| odd(body, "", *field)) {
        return Some(found);
    }
    let (list, messages) = ["messages", "input"]
        .into_iter()
        .find_map(|list| Some((list, body.get(list)?.as_array()?)))?;
    messages.iter().enumerate().find_map(|(index, message)| {
        let path = format!("{list}.{index}");
        if !message.is_object() {
            return Some(wrong(path, Kind::Object, message));
        }
        let fields = [("role", Kind::Text), ("content", Kind::TextOrList)];
        fields
            .into_iter()
            .find_map(|field| odd(message, &format!("{path}."), field))
    })
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

impl Wrong {
    /// A field at the top that is not there.
    pub(super) fn missing(field: &str) -> Self {
        Self::Missing(field.to_owned())
    }

    /// What the provider answers.
    pub(super) fn refusal(self, dialect: Dialect) -> Refusal {
        match dialect {
            Dialect::Chat | Dialect::Responses => self.openai(),
            Dialect::Messages => bad(self.anthropic()),
            Dialect::Ollama => bad(self.ollama()),
        }
    }

    fn openai(self) -> Refusal {
        let (message, param, code) = match self {
            Self::Json(error) => {
                let text = format!("We could not parse the JSON body of your request: {error}.");
                (text, None, None)
            }
            Self::Missing(path) => {
                let path = brackets(&path);
                let text = format!("Missing required parameter: '{path}'.");
                (text, Some(path), Some("missing_required_parameter"))
            }
            Self::Empty(field) => (
                format!("Invalid '{field}': empty array. Expected an array with at least 1 element."),
                Some(field.to_owned()),
                Some("empty_array"),
            ),
            Self::Type {
                path,
                expected,
                found,
            } => {
                let path = brackets(&path);
                let expected = expected.words();
                let text =
                    format!("Invalid type for '{path}': expected {expected}, but got {found} instead.");
                (text, Some(path), Some("invalid_type"))
            }
            Self::Kept(found) => (kept(found), None, None),
        };
        let mut refusal = bad(message);
        refusal.code = code.map(str::to_owned);
        if let Some(param) = param {
            // A refusal has no word for the parameter: the body is written here, where it is known.
            let mut body = Vec::new();
            error::openai(&refusal, Some(&param), &mut body);
            refusal.body = String::from_utf8(body).ok();
        }
        refusal
    }

    fn anthropic(self) -> String {
        match self {
            Self::Json(error) => format!("The request body is not valid JSON: {error}"),
            Self::Missing(field) => format!("{field}: Field required"),
            Self::Empty(field) => format!("{field}: at least one message is required"),
            Self::Type { path, expected, .. } => format!("{path}: Input should be {}", expected.noun()),
            Self::Kept(found) => kept(found),
        }
    }

    fn ollama(self) -> String {
        match self {
            Self::Json(error) => format!("invalid JSON: {error}"),
            Self::Missing(field) => format!("{field} is required"),
            Self::Empty(field) => format!("{field} is empty"),
            Self::Type {
                path,
                expected,
                found,
            } => {
                let found = found.rsplit(' ').next().unwrap_or(found);
                let expected = expected.go();
                format!(
                    "json: cannot unmarshal {found} into Go struct field ChatRequest.{path} of type {expected}"
                )
            }
            Self::Kept(found) => kept(found),
        }
    }
}

fn bad(message: String) -> Refusal {
    Refusal {
        status: 400,
        message,
        kind: None,
        code: None,
        retry_after: None,
        body: None,
    }
}

fn kept(found: usize) -> String {
    format!("A maximum of 4 blocks with cache_control may be provided. Found {found}.")
}

/// `messages.0.content` as OpenAI writes it: `messages[0].content`.
fn brackets(path: &str) -> String {
    let mut text = String::new();
    for step in path.split('.') {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            text.push_str(&format!("[{step}]"));
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(step);
        }
    }
    text
}
