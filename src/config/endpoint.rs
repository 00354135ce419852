use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use super::origin::{Origin, Traced};
use super::proxy::Proxy;
use crate::llm::Request;
use crate::llm::wire::{Dialect, Options};

/// A place that prompts can be sent to, as it was set up.
#[derive(Debug, Clone)]
pub struct EndpointConfig {
    /// The name that the user gave it.
    pub name: String,
    /// Where it was set up.
    pub origin: Origin,
    /// The tokens that the model takes, request and reply together.
    pub context_tokens: Option<Traced<u64>>,
    /// What tokens cost; without it no cost is shown.
    pub price: Option<Traced<Price>>,
    /// What it is.
    pub kind: EndpointKind,
}

/// What an endpoint is, with what only this kind needs.
#[derive(Debug, Clone)]
pub enum EndpointKind {
    /// A server of models, reached by HTTP.
    Provider(Box<ProviderConfig>),
    /// The human carries the prompt to a tool of their own.
    Manual,
    /// The mock model, in process; the path of its scenario.
    Mock {
        /// Absolute, or relative to where stepgate was started.
        scenario: Traced<PathBuf>,
    },
}

impl EndpointKind {
    /// The word for it in the configuration.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Provider(provider) => provider.dialect.word(),
            Self::Manual => "manual",
            Self::Mock { .. } => "mock",
        }
    }
}

/// Prices per million tokens, in whatever currency the user thinks in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// Of the request.
    pub input: f64,
    /// Of what the provider read from its cache; `input` where the user names none.
    pub cached: f64,
    /// Of the reply.
    pub output: f64,
}

/// A server of models, reached by HTTP.
#[derive(Clone)]
pub struct ProviderConfig {
    /// What it speaks.
    pub dialect: Dialect,
    /// The base URL, as the provider's own client takes it; paths are appended.
    pub url: Traced<Url>,
    /// The model, in the provider's word.
    pub model: Traced<String>,
    /// The variable that holds the key; none for a server without keys.
    pub key_env: Option<Traced<String>>,
    /// The header that carries the key; as a bearer's token where it is `authorization`.
    pub key_header: Traced<String>,
    /// The most tokens of a reply.
    pub max_tokens: Option<Traced<u64>>,
    /// The tokens of the context, for a server that has to be told.
    pub num_ctx: Option<Traced<u64>>,
    /// Further keys of the body, as the provider names them.
    pub body: Map<String, Value>,
    /// Further headers. Their values may be secrets.
    pub headers: Vec<(String, SecretString)>,
    /// Whether a key may go over plain HTTP to another machine.
    pub insecure_http: Traced<bool>,
    /// How long is waited for what.
    pub timers: Timers,
    /// Attempts after the first.
    pub retries: Traced<u32>,
    /// The most bytes that a reply may have: its text, one event of it, and all of it where it is not streamed.
    pub body_limit: Traced<u64>,
    /// The proxy that the environment names for this URL.
    pub proxy: Option<Proxy>,
}

impl ProviderConfig {
    /// The body of a request, byte for byte as it is sent.
    pub fn encode(&self, request: &Request) -> Vec<u8> {
        let options = Options {
            model: self.model.value.clone(),
            max_tokens: self.max_tokens.as_ref().map(|most| most.value),
            num_ctx: self.num_ctx.as_ref().map(|tokens| tokens.value),
            body: self.body.clone(),
        };
        self.dialect.encode(request, &options)
    }

    /// The address that requests go to.
    pub fn address(&self) -> Url {
        self.dialect.address(&self.url.value)
    }

    /// The base URL without its query, which may hold a secret.
    pub fn shown_url(&self) -> String {
        let mut url = self.url.value.clone();
        url.set_query(None);
        url.to_string().trim_end_matches('/').to_owned()
    }
}

impl fmt::Debug for ProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("ProviderConfig")
            .field("dialect", &self.dialect)
            .field("url", &self.shown_url())
            .field("model", &self.model)
            .field("key_env", &self.key_env)
            .field("key_header", &self.key_header)
            .field("max_tokens", &self.max_tokens)
            .field("num_ctx", &self.num_ctx)
            .field("body", &self.body)
            .field("headers", &headers)
            .field("insecure_http", &self.insecure_http)
            .field("timers", &self.timers)
            .field("retries", &self.retries)
            .field("body_limit", &self.body_limit)
            .field("proxy", &self.proxy)
            .finish()
    }
}

/// How long an endpoint may take for what. There is no limit to a reply that keeps coming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timers {
    /// Until there is a connection.
    pub connect: Traced<Duration>,
    /// From the start of an attempt until the headers of the response are there.
    pub header: Traced<Duration>,
    /// Between two events of the reply. Comments are no events.
    pub idle: Traced<Duration>,
    /// Before the second attempt, where the server names no time.
    pub retry_wait: Traced<Duration>,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            connect: Traced::built_in(Duration::from_secs(10)),
            header: Traced::built_in(Duration::from_secs(60)),
            idle: Traced::built_in(Duration::from_secs(120)),
            retry_wait: Traced::built_in(Duration::from_millis(500)),
        }
    }
}
