use crate::config::{EndpointConfig, EndpointKind};
use crate::llm::wire::{Dialect, Options};
use crate::words::{Exit, Failure};

/// What an export looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A tree: a folder a plan, a file a step.
    Md,
    /// A document a plan.
    Json,
    /// Lines for OpenAI's batch engine, and for those that read the same.
    OpenaiBatch,
    /// Documents for Anthropic's message batches.
    AnthropicBatch,
}

impl Format {
    /// The word for it on the command line and in manifests.
    pub fn word(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Json => "json",
            Self::OpenaiBatch => "openai-batch",
            Self::AnthropicBatch => "anthropic-batch",
        }
    }

    /// The most that its engine takes in one file; `None` for what no engine reads.
    pub fn limits(self) -> Option<Limits> {
        // Megabytes are counted small, as nobody says which are meant.
        let (requests, bytes) = match self {
            Self::Md | Self::Json => return None,
            Self::OpenaiBatch => (50_000, 200_000_000),
            Self::AnthropicBatch => (100_000, 256_000_000),
        };
        Some(Limits { requests, bytes })
    }

    /// What the bodies of its requests are made by, for a format that has any.
    ///
    /// Fails with exit 2 when the endpoint does not speak what the engine takes.
    pub fn wire(self, endpoint: &EndpointConfig) -> Result<Option<Wire>, Failure> {
        let (takes, kinds): (&[Dialect], _) = match self {
            Self::Md | Self::Json => return Ok(None),
            Self::OpenaiBatch => (
                &[Dialect::Chat, Dialect::Responses],
                "`openai` or `openai-responses`",
            ),
            Self::AnthropicBatch => (&[Dialect::Messages], "`anthropic`"),
        };
        match &endpoint.kind {
            EndpointKind::Provider(config) if takes.contains(&config.dialect) => Ok(Some(Wire {
                endpoint: endpoint.name.clone(),
                dialect: config.dialect,
                options: Options {
                    whole: true,
                    ..config.options()
                },
            })),
            kind => {
                let (name, kind, format) = (&endpoint.name, kind.word(), self.word());
                let text =
                    format!("`{format}` takes no requests of the endpoint `{name}`: its kind is {kind}");
                Err(Failure::new(Exit::Usage, "wrong-kind", text)
                    .help(format!("name an endpoint of kind {kinds} with `--endpoint NAME`")))
            }
        }
    }
}

/// The most that is put into one file of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests.
    pub requests: usize,
    /// Bytes of the whole file.
    pub bytes: u64,
}

/// What bodies are made by: one endpoint, one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Wire {
    /// The endpoint's name.
    pub endpoint: String,
    /// What it speaks.
    pub dialect: Dialect,
    /// Its model and settings.
    pub options: Options,
}

impl Wire {
    /// The path that a line of OpenAI's names.
    pub fn path(&self) -> &'static str {
        match self.dialect {
            Dialect::Responses => "/v1/responses",
            Dialect::Messages => "/v1/messages",
            Dialect::Chat | Dialect::Ollama => "/v1/chat/completions",
        }
    }
}
