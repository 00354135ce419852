use std::io::Write as _;

use clap::Args;

use super::setup::Setup;
use crate::config::{EndpointKind, Origin, Traced};
use crate::session::Budget;
use crate::words::{Exit, Failure, printable_line};

/// What a session may spend.
#[derive(Debug, Clone, Args)]
pub(crate) struct BudgetArgs {
    /// Stop before a request with which the session might cost more; the endpoint needs a `price`
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    max_cost: Option<f64>,
    /// Stop before a request with which the session might take more tokens, prompts and replies together
    #[arg(long, value_name = "N")]
    max_tokens: Option<u64>,
}

/// That a limit in money cannot be kept.
pub(crate) fn no_price(endpoint: &str) -> Failure {
    let text = format!("`--max-cost` cannot be kept: endpoint `{endpoint}` has no price");
    Failure::new(Exit::Configuration, "no-price", text)
        .help(format!(
            "add `price = {{ input = …, output = … }}` per million tokens to `[endpoint.{endpoint}]`"
        ))
        .help("or limit the tokens with `--max-tokens N`")
}

/// Reads an amount of money.
pub(crate) fn amount(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .parse()
        .map_err(|_| "an amount is a number, such as 1.50".to_owned())?;
    if number.is_finite() && number >= 0.0 {
        Ok(number)
    } else {
        Err("an amount is a number of at least 0, such as 1.50".to_owned())
    }
}

impl BudgetArgs {
    /// The limits of a session: the lower one of what the user says and what the repository says.
    ///
    /// Fails with exit 6 when the user limits the cost of an endpoint that has no price.
    pub(crate) fn of(&self, setup: &Setup) -> Result<Budget, Failure> {
        let endpoint = setup.config.endpoint()?;
        let manual = matches!(endpoint.kind, EndpointKind::Manual);
        let settings = &setup.settings;
        if endpoint.price.is_none() && !manual {
            let name = &endpoint.name;
            if self.max_cost.is_some() {
                return Err(no_price(name));
            }
            if let Some(limit) = &settings.max_cost {
                let line = format!(
                    "note: endpoint `{}` has no price, so the limit in {} is not kept\n",
                    printable_line(name),
                    limit.origin
                );
                // Beside the session: where standard error is gone, the session says so.
                let _ = crate::outlet::stderr().write_all(line.as_bytes());
            }
        }
        let cost = self
            .max_cost
            .map(|most| Traced::new(most, Origin::Flag("--max-cost")));
        let tokens = self
            .max_tokens
            .map(|most| Traced::new(most, Origin::Flag("--max-tokens")));
        Ok(Budget {
            cost: lower(cost, settings.max_cost.clone()),
            tokens: lower(tokens, settings.max_tokens.clone()),
        })
    }
}

/// A repository may lower what a session spends, and never raise it.
pub(crate) fn lower<T: PartialOrd>(
    own: Option<Traced<T>>,
    repository: Option<Traced<T>>,
) -> Option<Traced<T>> {
    match (own, repository) {
        (Some(own), Some(repository)) if repository.value < own.value => Some(repository),
        (own, repository) => own.or(repository),
    }
}
