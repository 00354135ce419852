use url::Url;

use super::{Assembly, Chunk, Malformed, Options, ServerError, anthropic, ollama, openai, responses};
use crate::llm::Request;

/// What a provider's servers speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI's Chat Completions, and every server that speaks it.
    Chat,
    /// OpenAI's Responses.
    Responses,
    /// Anthropic's Messages.
    Messages,
    /// Ollama's `/api/chat`.
    Ollama,
}

/// How the pieces of a streamed reply are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Events,
    /// Lines of JSON.
    Lines,
}

/// Where a provider's own service is, and the variable that its own clients take the key from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    /// The base URL.
    pub url: &'static str,
    /// The variable; none where the service wants no key.
    pub key_env: Option<&'static str>,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Chat, Self::Responses, Self::Messages, Self::Ollama];

    /// The word for it in the configuration, in scenarios and in logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Chat => "openai",
            Self::Responses => "openai-responses",
            Self::Messages => "anthropic",
            Self::Ollama => "ollama",
        }
    }

    /// The one that is meant when nobody names an address. Chat Completions have none: everybody speaks them.
    pub fn home(self) -> Option<Home> {
        let (url, key_env) = match self {
            Self::Chat => return None,
            Self::Responses => ("https://api.openai.com/v1", Some("OPENAI_API_KEY")),
            Self::Messages => ("https://api.anthropic.com", Some("ANTHROPIC_API_KEY")),
            Self::Ollama => ("http://127.0.0.1:11434", None),
        };
        Some(Home { url, key_env })
    }

    /// What is appended to a base URL with this path.
    pub fn suffix(self, base: &str) -> &'static str {
        match self {
            Self::Chat => "/chat/completions",
            Self::Responses => "/responses",
            // Anthropic's own clients take the URL without its version; others write it.
            Self::Messages if base.ends_with("/v1") => "/messages",
            Self::Messages => "/v1/messages",
            Self::Ollama if base.ends_with("/api") => "/chat",
            Self::Ollama => "/api/chat",
        }
    }

    /// The address of a request below a base URL; a query, such as Azure's `api-version`, stays.
    pub fn address(self, base: &Url) -> Url {
        let path = base.path().trim_end_matches('/');
        let mut url = base.clone();
        url.set_path(&format!("{path}{}", self.suffix(path)));
        url
    }

    /// The header that carries the key; as a bearer's token where it is `authorization`.
    pub fn key_header(self) -> &'static str {
        match self {
            Self::Messages => "x-api-key",
            Self::Chat | Self::Responses | Self::Ollama => "authorization",
        }
    }

    /// Headers that every request has, beside those of HTTP.
    pub fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Messages => &[("anthropic-version", "2023-06-01")],
            Self::Chat | Self::Responses | Self::Ollama => &[],
        }
    }

    /// How the pieces of a streamed reply are told apart.
    pub fn framing(self) -> Framing {
        match self {
            Self::Ollama => Framing::Lines,
            Self::Chat | Self::Responses | Self::Messages => Framing::Events,
        }
    }

    /// Keys of the body that further keys cannot replace: what is sent is what was shown, and it is always a stream.
    pub fn own_keys(self) -> &'static [&'static str] {
        match self {
            Self::Chat => &openai::OWN_KEYS,
            Self::Responses => &responses::OWN_KEYS,
            Self::Messages => &anthropic::OWN_KEYS,
            Self::Ollama => &ollama::OWN_KEYS,
        }
    }

    /// The body of a request, byte for byte as it is sent.
    pub fn encode(self, request: &Request, options: &Options) -> Vec<u8> {
        match self {
            Self::Chat => openai::encode(request, options),
            Self::Responses => responses::encode(request, options),
            Self::Messages => anthropic::encode(request, options),
            Self::Ollama => ollama::encode(request, options),
        }
    }

    /// Reads one payload of a streamed reply; `name` is what the server calls its event. One that is called an error is
    /// one, whatever its shape.
    ///
    /// Fails when the payload is not what the dialect says.
    pub fn decode<'d>(self, name: Option<&str>, data: &'d str) -> Result<Chunk<'d>, Malformed> {
        let decoded = match self {
            Self::Chat => openai::decode(data),
            Self::Responses => responses::decode(data),
            Self::Messages => anthropic::decode(data),
            Self::Ollama => ollama::decode(data),
        };
        if name != Some("error") || decoded.as_ref().is_ok_and(|chunk| chunk.error.is_some()) {
            return decoded;
        }
        let error = ServerError::parse(data.as_bytes()).unwrap_or_else(|| ServerError {
            message: Some(data.to_owned()),
            ..ServerError::default()
        });
        Ok(Chunk {
            error: Some(error),
            ..Chunk::default()
        })
    }

    /// Reads a whole reply, as a server sends it that does not stream.
    ///
    /// Fails when the body is not what the dialect says.
    pub fn decode_whole(self, body: &[u8]) -> Result<Chunk<'_>, Malformed> {
        match self {
            Self::Chat => openai::decode_whole(body),
            Self::Responses => responses::decode_whole(body),
            Self::Messages => anthropic::decode_whole(body),
            Self::Ollama => ollama::decode_whole(body),
        }
    }

    /// What makes one reply of the chunks.
    pub fn assembly(self) -> Assembly {
        match self {
            // Many servers that speak it name a reason and leave out the mark.
            Self::Chat => Assembly::default(),
            Self::Responses | Self::Messages | Self::Ollama => Assembly::to_the_mark(),
        }
    }
}

#[cfg(test)]
mod tests;
