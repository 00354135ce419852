use serde_json::Value;

use crate::mock::server::batch::refusal::Refusal;

/// The endpoints whose requests can be answered.
const ANSWERED: [&str; 2] = ["/v1/chat/completions", "/v1/responses"];

/// The endpoints that OpenAI's batches know beside them.
const KNOWN: [&str; 6] = [
    "/v1/embeddings",
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
    "/v1/videos",
];

/// Hour and thirty days, in seconds: how long a file may be kept.
const KEPT: (i64, i64) = (3_600, 2_592_000);

/// What is asked of a new batch. Fields that are not known are skipped.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Create {
    pub(super) input_file_id: String,
    pub(super) endpoint: String,
    /// An object of strings, or null.
    pub(super) metadata: Value,
    /// Seconds.
    pub(super) output_expires_after: Option<i64>,
}

impl Create {
    /// Reads the body of the request.
    ///
    /// # Errors
    ///
    /// Where OpenAI would refuse it.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(body).map_err(|error| {
            Refusal::new(
                400,
                format!("We could not parse the JSON body of your request: {error}"),
            )
        })?;
        if !body.is_object() {
            return Err(wrong_type("body", "an object", &body));
        }
        let input_file_id = text(&body["input_file_id"], "input_file_id")?;
        let endpoint = text(&body["endpoint"], "endpoint")?;
        let window = text(&body["completion_window"], "completion_window")?;
        if window != "24h" {
            return Err(invalid_value("completion_window", &window, "'24h'"));
        }
        check_endpoint(&endpoint)?;
        check_metadata(&body["metadata"])?;
        Ok(Self {
            input_file_id,
            endpoint,
            metadata: body["metadata"].clone(),
            output_expires_after: expiry(&body["output_expires_after"])?,
        })
    }
}

/// The path under which requests to an endpoint are answered: Azure leaves the version out.
pub(super) fn answered(endpoint: &str) -> Option<&'static str> {
    let is_it = |path: &&str| *path == endpoint || path.strip_prefix("/v1") == Some(endpoint);
    ANSWERED.into_iter().find(is_it)
}

fn text(value: &Value, name: &str) -> Result<String, Refusal> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Null => Err(missing(name)),
        other => Err(wrong_type(name, "a string", other)),
    }
}

/// A parameter that is needed and not there.
pub(super) fn missing(name: &str) -> Refusal {
    let message = format!("Missing required parameter: '{name}'.");
    Refusal::new(400, message)
        .param(name)
        .code("missing_required_parameter")
}

fn check_endpoint(endpoint: &str) -> Result<(), Refusal> {
    if answered(endpoint).is_some() {
        return Ok(());
    }
    if KNOWN.contains(&endpoint) {
        let message = format!(
            "The mock server does not answer '{endpoint}' in batches. Supported values are: '{}'.",
            ANSWERED.join("' and '")
        );
        return Err(Refusal::new(400, message)
            .param("endpoint")
            .code("unsupported_value"));
    }
    let supported = ANSWERED.map(|endpoint| format!("'{endpoint}'")).join(" and ");
    Err(invalid_value("endpoint", endpoint, &supported))
}

fn check_metadata(metadata: &Value) -> Result<(), Refusal> {
    let pairs = match metadata {
        Value::Null => return Ok(()),
        Value::Object(pairs) => pairs,
        other => return Err(wrong_type("metadata", "an object", other)),
    };
    if pairs.len() > 16 {
        let message = format!(
            "Invalid 'metadata': too many properties. Expected at most 16 properties, but got {}.",
            pairs.len()
        );
        return Err(Refusal::new(400, message)
            .param("metadata")
            .code("object_above_max_properties"));
    }
    for (key, value) in pairs {
        if key.chars().count() > 64 {
            return Err(too_long("metadata", 64, key));
        }
        let name = format!("metadata.{key}");
        match value {
            Value::String(value) if value.chars().count() > 512 => return Err(too_long(&name, 512, value)),
            Value::String(_) => {}
            other => return Err(wrong_type(&name, "a string", other)),
        }
    }
    Ok(())
}

fn expiry(expiry: &Value) -> Result<Option<i64>, Refusal> {
    match expiry {
        Value::Null => return Ok(None),
        Value::Object(_) => {}
        other => return Err(wrong_type("output_expires_after", "an object", other)),
    }
    let name = "output_expires_after.anchor";
    let anchor = text(&expiry["anchor"], name)?;
    if anchor != "created_at" {
        return Err(invalid_value(name, &anchor, "'created_at'"));
    }
    let name = "output_expires_after.seconds";
    match &expiry["seconds"] {
        Value::Null => Err(missing(name)),
        Value::Number(seconds) if seconds.is_i64() => {
            check_seconds(name, seconds.as_i64().unwrap_or_default()).map(Some)
        }
        other => Err(wrong_type(name, "an integer", other)),
    }
}

/// Checks how long a file is to be kept.
///
/// # Errors
///
/// Where it is less than an hour or more than 30 days.
pub(super) fn check_seconds(name: &str, seconds: i64) -> Result<i64, Refusal> {
    let (least, most) = KEPT;
    let (code, text) = if seconds < least {
        (
            "integer_below_min_value",
            format!("below minimum value. Expected a value >= {least}"),
        )
    } else if seconds > most {
        (
            "integer_above_max_value",
            format!("above maximum value. Expected a value <= {most}"),
        )
    } else {
        return Ok(seconds);
    };
    let message = format!("Invalid '{name}': integer {text}, but got {seconds} instead.");
    Err(Refusal::new(400, message).param(name).code(code))
}

/// A value that is none of those that are supported.
pub(super) fn invalid_value(name: &str, value: &str, supported: &str) -> Refusal {
    let message = format!("Invalid value: '{value}'. Supported values are: {supported}.");
    Refusal::new(400, message).param(name).code("invalid_value")
}

fn wrong_type(name: &str, expected: &str, found: &Value) -> Refusal {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    let message = format!("Invalid type for '{name}': expected {expected}, but got {found} instead.");
    Refusal::new(400, message).param(name).code("invalid_type")
}

fn too_long(name: &str, most: usize, found: &str) -> Refusal {
    let length = found.chars().count();
    let message = format!(
        "Invalid '{name}': string too long. Expected a string with maximum length {most}, but got a string with length {length} instead."
    );
    Refusal::new(400, message)
        .param(name)
        .code("string_above_max_length")
}

#[cfg(test)]
#[path = "create_tests.rs"]
mod tests;
