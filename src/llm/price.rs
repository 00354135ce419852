use std::fmt;

use serde::{Deserialize, Serialize};

use super::Usage;

/// Prices per million tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// Of the request.
    pub input: f64,
    /// Of what the provider read from its cache; `input` where the user names none.
    pub cached: f64,
    /// Of the reply.
    pub output: f64,
    /// What the prices are in, as the user writes it; only ever shown.
    pub currency: Option<String>,
}

impl Price {
    /// What a request costs, to a billionth.
    #[expect(
        clippy::cast_precision_loss,
        reason = "no request has so many tokens that a digit of its price were lost"
    )]
    pub fn cost(&self, usage: &Usage) -> f64 {
        let fresh = usage.input.saturating_sub(usage.cached) as f64;
        let sum = fresh * self.input + usage.cached as f64 * self.cached + usage.output as f64 * self.output;
        (sum * 1e3).round() / 1e9
    }

    /// An amount of money in the currency of the prices, to a billionth: what is added up stays what it looks like.
    pub fn amount(&self, amount: f64) -> Amount {
        Amount {
            amount: (amount * 1e9).round() / 1e9,
            currency: self.currency.clone(),
        }
    }
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Amount {
    /// How much.
    pub amount: f64,
    /// In what, in the user's word; not known where they do not say.
    pub currency: Option<String>,
}

impl fmt::Display for Amount {
    /// Two digits after the point, or as many as tell something.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.amount {
            none if none <= 0.0 => f.write_str("0")?,
            large if large >= 1.0 => write!(f, "{large:.2}")?,
            middle if middle >= 0.01 => write!(f, "{middle:.4}")?,
            small if small >= 0.000_000_5 => write!(f, "{small:.6}")?,
            _ => f.write_str("less than 0.000001")?,
        }
        match &self.currency {
            Some(currency) => write!(f, " {currency}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_from_the_cache_has_its_own_price() {
        let mut price = Price {
            input: 3.0,
            cached: 0.3,
            output: 15.0,
            currency: None,
        };
        let usage = Usage {
            input: 1_000_000,
            cached: 900_000,
            output: 10_000,
        };
        assert!((price.cost(&usage) - 0.72).abs() < 1e-12);
        let odd = Usage {
            input: 5,
            cached: 9,
            output: 0,
        };
        assert!((price.cost(&odd) - 0.000_002_7).abs() < 1e-12);
        assert_eq!(price.amount(0.0).to_string(), "0");
        assert_eq!(price.amount(12.345_67).to_string(), "12.35");
        assert_eq!(price.amount(0.012_345).to_string(), "0.0123");
        price.currency = Some("EUR".to_owned());
        assert_eq!(price.amount(0.000_012_3).to_string(), "0.000012 EUR");
        assert_eq!(price.amount(0.000_000_4).to_string(), "less than 0.000001 EUR");
    }
}
