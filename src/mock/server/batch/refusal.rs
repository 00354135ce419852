use std::io;

use serde_json::json;

use super::Response;

/// Why a request is refused: one thing, in the shape of either provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    message: String,
    param: Option<String>,
    code: Option<&'static str>,
}

impl Refusal {
    /// A refusal with this status and for this reason.
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            param: None,
            code: None,
        }
    }

    /// The same, with what OpenAI says about where it is.
    pub(super) fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// The same, with OpenAI's code for it.
    pub(super) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// A method that a path does not know.
    pub(super) fn method() -> Self {
        Self::new(405, "Method not allowed")
    }

    /// In OpenAI's shape.
    pub(super) fn openai(&self) -> Response {
        let kind = if self.status < 500 {
            "invalid_request_error"
        } else {
            "server_error"
        };
        let error = json!({"message": self.message, "type": kind, "param": self.param, "code": self.code});
        Response::json(self.status, &json!({"error": error}))
    }

    /// In Anthropic's shape.
    pub(super) fn anthropic(&self, request_id: &str) -> Response {
        let kind = match self.status {
            404 => "not_found_error",
            413 => "request_too_large",
            500.. => "api_error",
            _ => "invalid_request_error",
        };
        let error = json!({"type": kind, "message": self.message});
        let body = json!({"type": "error", "error": error, "request_id": request_id});
        Response::json(self.status, &body)
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::new(
            500,
            format!("the mock server cannot use its temporary folder: {error}"),
        )
    }
}
