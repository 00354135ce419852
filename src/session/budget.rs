use serde::Serialize;

use crate::config::Traced;
use crate::llm::{Amount, Price, Terms, Usage};
use crate::words::{Exit, Failure};

/// What a session may spend.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Budget {
    /// Money, in whatever the endpoint's prices are in.
    pub cost: Option<Traced<f64>>,
    /// Tokens, of prompts and replies together.
    pub tokens: Option<Traced<u64>>,
}

/// What a session has spent so far.
///
/// It counts what may have been billed rather than what was: a request that failed counts as if none of it had been read
/// from a cache.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Spent {
    /// Requests that were made, automatic ones included.
    pub requests: u32,
    /// Tokens of prompts.
    pub input: u64,
    /// Those of them that were read from a cache.
    pub cached: u64,
    /// Tokens of replies.
    pub output: u64,
    /// What that cost; `None` where the endpoint has no price.
    pub cost: Option<Amount>,
}

impl Spent {
    /// Adds a request.
    pub(crate) fn add(&mut self, usage: &Usage, price: Option<&Price>) {
        self.requests += 1;
        self.input += usage.input;
        self.cached += usage.cached;
        self.output += usage.output;
        if let Some(price) = price {
            self.cost = Some(price.amount(self.amount() + price.cost(usage)));
        }
    }

    /// Adds a request that failed. Where anything of its reply came, the rest may have been made, and lost.
    pub(crate) fn add_failed(&mut self, input: u64, came: &str, terms: &Terms) {
        let output = match came {
            "" => 0,
            came => terms.counter.count(came).max(terms.reply.unwrap_or_default()),
        };
        let usage = Usage {
            input: terms.at_most(input),
            cached: 0,
            output,
        };
        self.add(&usage, terms.price.as_ref());
    }

    fn amount(&self) -> f64 {
        self.cost.as_ref().map_or(0.0, |cost| cost.amount)
    }
}

impl Budget {
    /// Why a request of so many tokens may not be made; `None` where it may. Its reply counts with the most tokens that it
    /// may have, where that is set, and a prompt whose tokens are estimated with an eighth more.
    pub(crate) fn refuses(&self, input: u64, spent: &Spent, terms: &Terms) -> Option<Failure> {
        let input = terms.at_most(input);
        let next = Usage {
            input,
            cached: 0,
            output: terms.reply.unwrap_or_default(),
        };
        let tokens = next.input + next.output;
        let size = match terms.reply {
            Some(reply) => format!("{input} tokens, and up to {reply} for the reply"),
            None => format!("{input} tokens and those of the reply, which nothing limits"),
        };
        let over_tokens = self
            .tokens
            .as_ref()
            .filter(|most| spent.input + spent.output + tokens > most.value);
        if let Some(most) = over_tokens {
            let text = format!(
                "the next request would pass the session's limit of {} tokens, which {} sets",
                most.value, most.origin
            );
            let found = format!(
                "{} tokens in and {} out so far; the next request has {size}",
                spent.input, spent.output
            );
            return Some(over(text, found, terms));
        }
        let (Some(most), Some(price)) = (&self.cost, &terms.price) else {
            return None;
        };
        let cost = price.cost(&next);
        if price.amount(spent.amount() + cost).amount <= most.value {
            return None;
        }
        let text = format!(
            "the next request would pass the session's limit of {}, which {} sets",
            price.amount(most.value),
            most.origin
        );
        let found = format!(
            "{} spent so far; the next request may cost {}: {size}",
            price.amount(spent.amount()),
            price.amount(cost)
        );
        Some(over(text, found, terms))
    }
}

fn over(text: String, found: String, terms: &Terms) -> Failure {
    let failure = Failure::new(Exit::Configuration, "budget", text)
        .found(found)
        .help("it was not sent; run again to go on with this step: every session counts from zero, and the limit may be another");
    match terms.reply {
        Some(_) => failure.help("a lower `max_tokens` of the endpoint makes a request cheaper"),
        None => failure.help("set `max_tokens` of the endpoint to limit what a reply may cost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(reply: Option<u64>) -> Terms {
        Terms {
            reply,
            price: Some(Price {
                input: 1e6,
                cached: 1e5,
                output: 2e6,
                currency: None,
            }),
            ..Terms::default()
        }
    }

    fn amount(amount: f64) -> Amount {
        Amount {
            amount,
            currency: None,
        }
    }

    #[test]
    fn a_failed_request_may_have_cost_all_of_its_reply() {
        let mut spent = Spent::default();
        spent.add_failed(10, "", &terms(Some(5)));
        spent.add_failed(10, "some", &terms(Some(5)));
        spent.add_failed(10, "twelve bytes", &terms(None));
        let usage = Usage {
            input: 10,
            cached: 10,
            output: 1,
        };
        spent.add(&usage, terms(None).price.as_ref());
        let expected = Spent {
            requests: 4,
            input: 46,
            cached: 10,
            output: 9,
            cost: Some(amount(12.0 + 22.0 + 18.0 + 3.0)),
        };
        assert_eq!(spent, expected);
    }

    #[test]
    fn what_reaches_a_limit_may_be_sent_and_what_passes_it_may_not() {
        let spent = Spent {
            input: 50,
            output: 20,
            cost: Some(amount(90.0)),
            ..Spent::default()
        };
        let may = |cost: Option<f64>, tokens: Option<u64>| {
            let budget = Budget {
                cost: cost.map(Traced::built_in),
                tokens: tokens.map(Traced::built_in),
            };
            budget.refuses(10, &spent, &terms(Some(5))).is_none()
        };
        assert!(may(None, None));
        assert!(may(Some(112.0), Some(87)));
        assert!(!may(Some(111.9), None));
        assert!(!may(None, Some(86)));
    }
}
