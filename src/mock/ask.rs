use std::borrow::Cow;

use http::HeaderMap;

use super::Dialect;

/// What a request asks: everything that a rule may be chosen by.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Id of the step that asks, where it is known.
    pub step: Option<&'a str>,
    /// The model that is asked for.
    pub model: Option<&'a str>,
    /// What the model is told, in its order.
    pub parts: &'a [Part<'a>],
    /// The dialect, where the request came over a connection.
    pub dialect: Option<Dialect>,
    /// The headers, where the request came over a connection.
    pub headers: Option<&'a HeaderMap>,
}

/// One text of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// Who speaks: `system`, `developer`, `user`, `assistant`, `tool`.
    pub role: Cow<'a, str>,
    /// What is said. Several texts of one message are several parts of one role.
    pub text: Cow<'a, str>,
    /// The sender asked for everything up to the end of this part to be kept in the provider's cache.
    pub keep: bool,
}
