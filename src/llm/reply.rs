use serde::{Deserialize, Serialize};

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finish {
    /// It said all that it wanted to say.
    Stop,
    /// It ran into a limit of tokens: the text is cut.
    Length,
    /// The provider's filter took the text away.
    ContentFilter,
    /// It declined to answer.
    Refusal,
    /// Something else, in the provider's own word (`tool_calls`, say).
    Other(String),
}

/// Tokens as the provider counted them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// All tokens of the request, cached ones included.
    pub input: u64,
    /// Those of `input` that the provider read from its cache.
    pub cached: u64,
    /// Tokens of the reply.
    pub output: u64,
}

/// A reply that arrived whole: the provider's end was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Everything the model said, or its refusal.
    pub text: String,
    /// Why it stopped.
    pub finish: Finish,
    /// Tokens, where the provider tells.
    pub usage: Option<Usage>,
    /// The model that answered, in the provider's word.
    pub model: Option<String>,
    /// The provider's id of the request, for a support case.
    pub request_id: Option<String>,
}

impl Reply {
    /// Why this reply cannot be used for the step, or `None` when it can: cut, refused, filtered and empty replies
    /// never count as replies.
    pub fn unusable(&self) -> Option<&'static str> {
        match &self.finish {
            Finish::Length => Some("the reply was cut at the model's limit of tokens"),
            Finish::ContentFilter => Some("the provider's content filter took the reply away"),
            Finish::Refusal => Some("the model refused to answer"),
            Finish::Other(_) => Some("the model stopped for a reason that is not the end of a reply"),
            Finish::Stop if self.text.trim().is_empty() => Some("the reply is empty"),
            Finish::Stop => None,
        }
    }
}
