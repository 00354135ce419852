use serde_json::{Map, Value};

/// What a request needs beyond its texts, in any dialect.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// The model, in the provider's word.
    pub model: String,
    /// The most tokens that the reply may have; the server's own limit without it.
    pub max_tokens: Option<u64>,
    /// The tokens of the context, request and reply together, where the server is told (Ollama's `num_ctx`).
    pub num_ctx: Option<u64>,
    /// Further keys of the body, as the provider names them (`temperature`, `max_completion_tokens`). They cannot
    /// replace the [keys that are ours](super::Dialect::own_keys).
    pub body: Map<String, Value>,
    /// Whether the reply is to come in one piece, as the batch engines have it: they take no streams.
    pub whole: bool,
}

impl Options {
    /// Adds the further keys to `body`, but for those in `own`: what is sent is what was shown, and
    /// whether it is a stream is not for them to say.
    pub(super) fn add_further(&self, own: &[&str], body: &mut Map<String, Value>) {
        for (key, value) in &self.body {
            if !own.contains(&key.as_str()) {
                body.insert(key.clone(), value.clone());
            }
        }
    }
}
