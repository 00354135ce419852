use std::borrow::Cow;

use super::ServerError;
use crate::llm::{Finish, Usage};

/// One payload of a streamed reply, or a whole reply that came at once. What the provider did not tell is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// The provider's id of the reply.
    pub id: Option<Cow<'a, str>>,
    /// The model that answers, in the provider's word.
    pub model: Option<Cow<'a, str>>,
    /// More of the text.
    pub text: Option<Cow<'a, str>>,
    /// More of a refusal.
    pub refusal: Option<Cow<'a, str>>,
    /// Why the model stopped: no text follows.
    pub finish: Option<Finish>,
    /// Tokens of the whole request, as far as they are counted; a later count may know more.
    pub usage: Option<Usage>,
    /// The attempt failed, although the status said 200.
    pub error: Option<ServerError>,
    /// The provider's own mark that nothing follows (`[DONE]`, say).
    pub done: bool,
    /// It keeps the connection open and is no part of a reply, nor a sign that one is being made.
    pub ping: bool,
}

/// A payload that is not what the provider's dialect says; the text tells what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);
