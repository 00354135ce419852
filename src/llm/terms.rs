use super::{Counter, Price};

/// The most that is kept free for a reply whose length nobody limits.
const REPLY: u64 = 8192;

/// What a provider adds to a prompt to tell who speaks, and more.
const FRAME: u64 = 64;

/// What an endpoint counts, takes and costs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Terms {
    /// How tokens are counted.
    pub counter: Counter,
    /// The tokens that the model takes, request and reply together, where that is known.
    pub context: Option<u64>,
    /// The most tokens that a reply may have, where that is set.
    pub reply: Option<u64>,
    /// What tokens cost, where that is known.
    pub price: Option<Price>,
}

impl Terms {
    /// The tokens that a prompt may have: those of the context without what the reply needs. `None` where the context is
    /// not known.
    ///
    /// A reply needs as much as it may have at most; where that is not set, a quarter of the context, and 8,192 tokens at
    /// most. Where tokens are estimated, an eighth of the context is kept free besides.
    pub fn room(&self) -> Option<u64> {
        let context = self.context?;
        let margin = if self.counter.estimates() {
            context / 8
        } else {
            FRAME
        };
        Some(context.saturating_sub(self.reserve()?).saturating_sub(margin))
    }

    /// The most that a prompt may be counted as by the provider: where tokens are estimated, an eighth more.
    pub fn at_most(&self, input: u64) -> u64 {
        match self.counter.estimates() {
            true => input.saturating_add(input.div_ceil(8)),
            false => input,
        }
    }

    /// What is kept free for the reply, where the context is known.
    pub fn reserve(&self) -> Option<u64> {
        let context = self.context?;
        Some(self.reply.unwrap_or((context / 4).min(REPLY)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_has_its_place() {
        let room = |context, reply, counter| {
            Terms {
                counter,
                context,
                reply,
                price: None,
            }
            .room()
        };
        assert_eq!(room(None, Some(5), Counter::O200k), None);
        assert_eq!(
            room(Some(128_000), None, Counter::O200k),
            Some(128_000 - 8192 - 64)
        );
        assert_eq!(
            room(Some(8000), None, Counter::Estimate),
            Some(8000 - 2000 - 1000)
        );
        assert_eq!(room(Some(8000), Some(500), Counter::Estimate), Some(6500));
        assert_eq!(room(Some(8000), Some(9000), Counter::Estimate), Some(0));
    }
}
