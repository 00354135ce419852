use std::time::Duration;

/// How fast a reply is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// From the request to the first chunk of text.
    pub first: Duration,
    /// Tokens a second after that; as fast as the connection takes them where there is none.
    pub tokens_per_second: Option<f64>,
    /// Tokens in a chunk, at least 1.
    pub chunk: usize,
    /// Each chunk is written to the connection by itself. A pace in time implies it.
    pub flush: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::ZERO,
            tokens_per_second: None,
            chunk: 1,
            flush: false,
        }
    }
}

impl Pace {
    /// How long a reply of so many tokens takes that comes as a whole.
    pub fn whole(&self, tokens: u64) -> Duration {
        let rest = self.tokens_per_second.map_or(Duration::ZERO, |speed| {
            #[expect(
                clippy::cast_precision_loss,
                reason = "far fewer than a number of this kind holds"
            )]
            let seconds = tokens as f64 / speed;
            Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
        });
        self.first.saturating_add(rest)
    }
}
