use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};
use url::Url;

use super::origin::{Origin, Traced};
use super::proxy::Proxy;
use super::secret;
use super::trust::Trust;
use crate::llm::wire::{Dialect, Options, anthropic};
use crate::llm::{Counter, Price, Request, Terms};

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
    /// What they cost on the batch engine; half of `price` where the user names none.
    pub batch_price: Option<Traced<Price>>,
    /// What it is.
    pub kind: EndpointKind,
}

impl EndpointConfig {
    /// What it counts, takes and costs.
    ///
    /// Tokens are counted where a model of OpenAI is asked in its own dialects, and estimated elsewhere.
    pub fn terms(&self) -> Terms {
        let (counter, reply) = match &self.kind {
            EndpointKind::Provider(provider) => (provider.counter(), provider.reply_tokens()),
            EndpointKind::Manual | EndpointKind::Mock { .. } | EndpointKind::Command(_) => {
                (Counter::Estimate, None)
            }
        };
        Terms {
            counter,
            context: self.context(),
            reply,
            price: self.price.as_ref().map(|price| price.value.clone()),
        }
    }

    /// The smaller one of what the model takes and what the server is told to take.
    fn context(&self) -> Option<u64> {
        let told = match &self.kind {
            EndpointKind::Provider(provider) => provider.num_ctx.as_ref(),
            EndpointKind::Manual | EndpointKind::Mock { .. } | EndpointKind::Command(_) => None,
        };
        let both = [self.context_tokens.as_ref(), told];
        both.into_iter().flatten().map(|tokens| tokens.value).min()
    }
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
    /// An external agent: a program that works in the tree.
    Command(Box<CommandConfig>),
}

impl EndpointKind {
    /// The word for it in the configuration.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Provider(provider) => provider.dialect.word(),
            Self::Manual => "manual",
            Self::Mock { .. } => "mock",
            Self::Command(_) => "command",
        }
    }
}

/// A program that is given prompts and works in the tree.
#[derive(Debug, Clone)]
pub struct CommandConfig {
    /// The program and its arguments, as they were written; never a shell string.
    pub command: Traced<Vec<String>>,
    /// The program: a bare name to be looked for in PATH, or a path.
    pub program: PathBuf,
    /// How it gets the prompt.
    pub prompt: Traced<PromptBy>,
    /// How long it may take.
    pub timeout: Traced<Duration>,
    /// Names of variables that it sees besides those that every agent sees.
    pub env: Vec<Traced<String>>,
}

/// How an agent gets its prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptBy {
    /// On its standard input.
    Stdin,
    /// In a private file whose path stands in an argument.
    File,
}

impl EndpointConfig {
    /// What tokens cost on the batch engine: half, as the providers have it, unless the user says otherwise.
    pub fn batch_price(&self) -> Option<Price> {
        let half = |price: &Traced<Price>| Price {
            input: price.value.input / 2.0,
            cached: price.value.cached / 2.0,
            output: price.value.output / 2.0,
            currency: price.value.currency.clone(),
        };
        let own = self.batch_price.as_ref().map(|price| price.value.clone());
        own.or_else(|| self.price.as_ref().map(half))
    }
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
    /// The variable that holds the key, which is asked before the keyring and the command.
    pub key_env: Option<Traced<String>>,
    /// Where it was said that the key is in the system's keyring, if it is.
    pub keyring: Option<Origin>,
    /// The command that prints the key, as its arguments.
    pub key_command: Option<Traced<Vec<String>>>,
    /// The header that carries the key; as a bearer's token where it is `authorization`.
    pub key_header: Traced<String>,
    /// The most tokens of a reply.
    pub max_tokens: Option<Traced<u64>>,
    /// The tokens of the context, for a server that has to be told.
    pub num_ctx: Option<Traced<u64>>,
    /// Further keys of the body, as the provider names them.
    pub body: Vec<(String, Traced<Value>)>,
    /// Further headers. Their values may be secrets.
    pub headers: Vec<(String, Traced<SecretString>)>,
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
    /// The certificates that the environment names.
    pub trust: Option<Trust>,
}

impl ProviderConfig {
    /// The body of a request, byte for byte as it is sent.
    pub fn encode(&self, request: &Request) -> Vec<u8> {
        self.dialect.encode(request, &self.options())
    }

    /// What its requests need beyond their texts.
    pub fn options(&self) -> Options {
        Options {
            model: self.model.value.clone(),
            max_tokens: self.max_tokens.as_ref().map(|most| most.value),
            num_ctx: self.num_ctx.as_ref().map(|tokens| tokens.value),
            body: self.further(),
            whole: false,
        }
    }

    /// Hands on everything in it that may be a secret: the values of headers, what the URL's query holds, but for a
    /// version, and what the body has under a name for a key. The key is none of it, nor is a proxy's password: they are not known here.
    pub(super) fn secrets(&self, tell: &mut dyn FnMut(&str)) {
        for (_, value) in &self.headers {
            let value = value.value.expose_secret();
            tell(value);
            // `Bearer`, or `Basic`, and then the secret.
            value.split_whitespace().for_each(&mut *tell);
        }
        secret::of_query(&self.url.value).for_each(|value| tell(&value));
        for (name, value) in &self.body {
            secret::of_json(name, &value.value, tell);
        }
    }

    /// What of a request is secret or may be, besides the key; `None` where that is nothing. The same as is told of by
    /// `secrets`.
    pub fn secret_part(&self) -> Option<&'static str> {
        if !self.headers.is_empty() {
            return Some("its `headers`");
        }
        if secret::of_query(&self.url.value).next().is_some() {
            return Some("what the query of its `url` holds");
        }
        let mut found = None;
        for (name, value) in &self.body {
            secret::of_json(name, &value.value, &mut |_| found = Some("a key in its `body`"));
        }
        found
    }

    /// The further keys of the body as they may be shown: without what stands under a name for a key.
    pub(super) fn shown_body(&self) -> Vec<(String, Traced<Value>)> {
        let fields = self.body.iter();
        let shown = |(name, value): &(String, Traced<Value>)| {
            let json = secret::shown_json(name, &value.value);
            (name.clone(), Traced::new(json, value.origin.clone()))
        };
        fields.map(shown).collect()
    }

    fn further(&self) -> Map<String, Value> {
        let fields = self.body.iter();
        fields
            .map(|(name, value)| (name.clone(), value.value.clone()))
            .collect()
    }

    /// How tokens are counted.
    fn counter(&self) -> Counter {
        match self.dialect {
            Dialect::Chat | Dialect::Responses => Counter::of_openai(&self.model.value),
            Dialect::Messages | Dialect::Ollama => Counter::Estimate,
        }
    }

    /// The most tokens that a reply may have, where something says so: `max_tokens`, or the key of the body that means
    /// the same.
    pub fn reply_tokens(&self) -> Option<u64> {
        let of_body = || {
            let names = ["max_completion_tokens", "max_output_tokens", "max_tokens"];
            let mut limits = self
                .body
                .iter()
                .filter(|(name, _)| names.contains(&name.as_str()));
            limits.find_map(|(_, value)| value.value.as_u64())
        };
        let built_in = (self.dialect == Dialect::Messages).then_some(anthropic::MAX_TOKENS);
        let set = self.max_tokens.as_ref().map(|most| most.value);
        set.or_else(of_body).or(built_in)
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
            .field("keyring", &self.keyring)
            .field("key_header", &self.key_header)
            .field("max_tokens", &self.max_tokens)
            .field("num_ctx", &self.num_ctx)
            .field("body", &self.shown_body())
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
