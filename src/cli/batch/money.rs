use crate::llm::Price;

/// What so many tokens of prompts cost; replies come on top.
pub(super) fn cost(tokens: u64, price: &Price) -> f64 {
    tokens as f64 * price.input / 1e6
}

/// An amount in whatever currency the user thinks in: four digits behind the point, without zeros that say nothing.
pub(super) fn amount(money: f64) -> String {
    let text = format!("{money:.4}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    format!("{whole}.{fraction:0<2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_says_what_it_is_and_no_more() {
        let table = [
            (0.0, "0.00"),
            (0.0042, "0.0042"),
            (0.5, "0.50"),
            (12.0, "12.00"),
            (2.34567, "2.3457"),
            (0.00001, "0.00"),
        ];
        for (money, expected) in table {
            assert_eq!(amount(money), expected);
        }
        let price = Price {
            input: 1.5,
            cached: 0.1,
            output: 7.5,
            currency: None,
        };
        assert_eq!(amount(cost(2_000_000, &price)), "3.00");
    }
}
