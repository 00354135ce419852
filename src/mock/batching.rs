use super::glob::fits;

/// How batches fare: the `[batch]` table of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batching {
    /// How often a batch that is looked at is not finished yet; the look after that finishes it. The requests are
    /// answered evenly over these looks. With two or more, OpenAI's last one says `finalizing`.
    pub polls: u32,
    /// The `custom_id`s of requests that are never answered: they expire. A `*` stands for any text.
    pub expire: Vec<String>,
    /// The order of the results.
    pub order: BatchOrder,
    /// No batch is accepted, for this reason: OpenAI's fails its validation, Anthropic's is refused.
    pub fail: Option<String>,
}

impl Default for Batching {
    fn default() -> Self {
        Self {
            polls: 1,
            expire: Vec::new(),
            order: BatchOrder::default(),
            fail: None,
        }
    }
}

impl Batching {
    /// Whether a request is never answered.
    pub fn expires(&self, custom_id: &str) -> bool {
        self.expire.iter().any(|pattern| fits(pattern, custom_id))
    }
}

/// The order of the results of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BatchOrder {
    /// The last request first. Providers promise no order, and a client that relies on one is found out.
    #[default]
    Reversed,
    /// That of the requests.
    Given,
}
