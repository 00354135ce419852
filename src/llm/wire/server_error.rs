use serde_json::Value;

/// What a server says of a request that it did not answer. The texts are the server's own: escape and redact them before
/// they are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerError {
    /// What went wrong, in a sentence.
    pub message: Option<String>,
    /// The provider's code, such as `insufficient_quota`.
    pub code: Option<String>,
    /// The provider's type, such as `invalid_request_error`.
    pub kind: Option<String>,
    /// An HTTP status inside the error, where a gateway tells the one of the server behind it.
    pub status: Option<u16>,
}

impl ServerError {
    /// Reads the body of an error response; `None` when it is not JSON or says nothing of an error.
    pub fn parse(body: &[u8]) -> Option<Self> {
        Self::from_body(&serde_json::from_slice(body).ok()?)
    }

    /// Reads the shapes that servers use: `{"error": {…}}`, `{"error": "text"}`, a bare `{"message", "type", "code"}`,
    /// `{"detail": …}`, and any of them in a list.
    pub fn from_body(body: &Value) -> Option<Self> {
        if let Some(list) = body.as_array() {
            return list
                .first()
                .filter(|first| first.is_object())
                .and_then(Self::from_body);
        }
        match body.get("error") {
            Some(Value::Null) | None => {}
            Some(error) => return Some(Self::from_value(error)),
        }
        let tells = ["message", "detail"].iter().any(|key| body.get(key).is_some());
        tells.then(|| Self::from_value(body))
    }

    /// Reads the error itself, a text or an object.
    pub fn from_value(error: &Value) -> Self {
        let text = |key: &str| match error.get(key) {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let detail = || {
            error.get("detail").map(|detail| match detail {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
        };
        let code = text("code");
        let status = code
            .as_deref()
            .or(text("status").as_deref())
            .and_then(|code| code.parse().ok())
            .filter(|status| (400..600).contains(status));
        Self {
            message: error
                .as_str()
                .map(str::to_owned)
                .or_else(|| text("message"))
                .or_else(detail),
            kind: text("type"),
            status,
            code,
        }
    }

    /// Whether the code or the type is one of `names`.
    pub fn is(&self, names: &[&str]) -> bool {
        [&self.code, &self.kind]
            .into_iter()
            .flatten()
            .any(|name| names.contains(&name.as_str()))
    }

    /// Code and message on one line, as far as the server told them.
    pub fn line(&self) -> String {
        let code = self.code.as_deref().or(self.kind.as_deref());
        match (code, self.message.as_deref()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => "no word of why".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_shape() {
        let error = |message: &str, code: Option<&str>, kind: Option<&str>, status| {
            Some(ServerError {
                message: (!message.is_empty()).then(|| message.to_owned()),
                code: code.map(str::to_owned),
                kind: kind.map(str::to_owned),
                status,
            })
        };
        let cases = [
            (
                r#"{"error":{"message":"m","type":"t","param":null,"code":"c"}}"#,
                error("m", Some("c"), Some("t"), None),
            ),
            (
                r#"{"error":"model not found"}"#,
                error("model not found", None, None, None),
            ),
            (
                r#"{"object":"error","message":"m","type":"BadRequestError","code":400}"#,
                error("m", Some("400"), Some("BadRequestError"), Some(400)),
            ),
            (
                r#"{"error":{"code":502,"message":"upstream"}}"#,
                error("upstream", Some("502"), None, Some(502)),
            ),
            (
                r#"[{"error":{"message":"m","status":"X"}}]"#,
                error("m", None, None, None),
            ),
            (r#"{"detail":"Not Found"}"#, error("Not Found", None, None, None)),
            (
                r#"{"detail":[{"loc":["body"]}]}"#,
                error(r#"[{"loc":["body"]}]"#, None, None, None),
            ),
            (r#"{"error":{}}"#, error("", None, None, None)),
            (r#"{"error":null,"id":"x"}"#, None),
            (r#"{"id":"x"}"#, None),
            ("[]", None),
            ("[[[]]]", None),
            ("<html>", None),
            ("\u{0}", None),
        ];
        for (body, expected) in cases {
            assert_eq!(ServerError::parse(body.as_bytes()), expected, "{body}");
        }
    }
}
