//! The words of a provider for what went wrong.

use super::ids;
use super::json::Json;
use crate::mock::{Dialect, Refusal};

/// Type and code of an error as OpenAI has them for a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words<'a> {
    /// `type`.
    pub(super) kind: &'a str,
    /// `code`.
    pub(super) code: Option<&'a str>,
}

impl<'a> Words<'a> {
    /// OpenAI's words: those that the refusal has, the others by its status.
    pub(super) fn openai(refusal: &'a Refusal) -> Self {
        let (kind, code) = match refusal.status {
            401 => ("invalid_request_error", Some("invalid_api_key")),
            404 => ("invalid_request_error", Some("model_not_found")),
            429 => ("requests", Some("rate_limit_exceeded")),
            500.. => ("server_error", None),
            _ => ("invalid_request_error", None),
        };
        // A spent quota has the same word for both, so that one of them is enough to ask for it.
        let quota = [&refusal.kind, &refusal.code]
            .into_iter()
            .flatten()
            .any(|word| word == "insufficient_quota");
        let (kind, code) = if quota {
            ("insufficient_quota", Some("insufficient_quota"))
        } else {
            (kind, code)
        };
        Self {
            kind: refusal.kind.as_deref().unwrap_or(kind),
            code: refusal.code.as_deref().or(code),
        }
    }
}

/// Anthropic's word for an error: the one that the refusal has, or that of its status.
pub(super) fn anthropic_kind(refusal: &Refusal) -> &str {
    refusal.kind.as_deref().unwrap_or(match refusal.status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    })
}

/// Writes the error in the provider's shape, or what the refusal has in its place.
pub(super) fn body(dialect: Dialect, number: u64, refusal: &Refusal, out: &mut Vec<u8>) {
    if let Some(body) = &refusal.body {
        out.extend_from_slice(body.as_bytes());
        return;
    }
    match dialect {
        Dialect::Chat | Dialect::Responses => openai(refusal, None, out),
        Dialect::Messages => {
            let mut json = Json(out);
            json.raw(r#"{"type":"error","error":{"type":"#)
                .text(anthropic_kind(refusal));
            json.raw(r#","message":"#).text(&refusal.message);
            json.raw(r#"},"request_id":"#)
                .text(&ids::anthropic_request(number))
                .raw("}");
        }
        Dialect::Ollama => {
            Json(out).raw(r#"{"error":"#).text(&refusal.message).raw("}");
        }
    }
}

/// Writes the error as OpenAI has it, with the parameter that it is about.
pub(super) fn openai(refusal: &Refusal, param: Option<&str>, out: &mut Vec<u8>) {
    let words = Words::openai(refusal);
    let mut json = Json(out);
    json.raw(r#"{"error":{"message":"#).text(&refusal.message);
    json.raw(r#","type":"#).text(words.kind);
    json.raw(r#","param":"#).maybe(param);
    json.raw(r#","code":"#).maybe(words.code).raw("}}");
}
