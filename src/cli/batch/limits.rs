use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::budget::{amount, lower, no_price};
use crate::cli::tell::tell;
use crate::config::{EndpointConfig, Origin, RepositorySettings, Traced};
use crate::export::{Manifest, PlanEntry};
use crate::llm::{Counter, Price, Terms, Usage};
use crate::words::{Exit, Failure, counted, printable_line};

/// What a submission may cost.
#[derive(Debug, Clone, Args)]
pub(super) struct LimitArgs {
    /// Submit nothing where it might cost more at batch price; the endpoint needs a `price`
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    max_cost: Option<f64>,
    /// Submit nothing where it might take more tokens, prompts and replies together
    #[arg(long, value_name = "N")]
    max_tokens: Option<u64>,
}

/// The most that some requests may spend.
struct Limits {
    cost: Option<Traced<f64>>,
    tokens: Option<Traced<u64>>,
}

impl LimitArgs {
    /// Fails where a limit of the user cannot be kept: with exit 6 for a cost without a price, and with exit 2 where nothing
    /// limits the replies, for then they may take and cost anything.
    pub(super) fn can_be_kept(&self, endpoint: &EndpointConfig) -> Result<(), Failure> {
        if self.max_cost.is_some() && endpoint.batch_price().is_none() {
            return Err(no_price(&endpoint.name));
        }
        let flag = match (self.max_cost, self.max_tokens) {
            (Some(_), _) => "--max-cost",
            (None, Some(_)) => "--max-tokens",
            (None, None) => return Ok(()),
        };
        if endpoint.terms().reply.is_some() {
            return Ok(());
        }
        let name = printable_line(&endpoint.name);
        let text = format!("`{flag}` cannot be kept: nothing limits the replies of endpoint `{name}`");
        Err(Failure::new(Exit::Usage, "no-reply-limit", text)
            .help(format!(
                "set `max_tokens` in `[endpoint.{name}]` to the longest reply that you want"
            ))
            .help(format!(
                "or leave `{flag}` out: `--dry-run` shows what the prompts alone take and cost"
            )))
    }

    /// Fails with exit 6 where what is to be submitted might pass a limit: all of it those of the user, and what is of one
    /// repository those that this one sets for a session.
    pub(super) fn check(&self, manifest: &Manifest, endpoint: &EndpointConfig) -> Result<(), Failure> {
        let price = endpoint.batch_price();
        let own = Limits {
            cost: self
                .max_cost
                .map(|most| Traced::new(most, Origin::Flag("--max-cost"))),
            tokens: self
                .max_tokens
                .map(|most| Traced::new(most, Origin::Flag("--max-tokens"))),
        };
        let terms = terms(endpoint);
        let all: Vec<&PlanEntry> = manifest.plans.iter().collect();
        own.check(&all, &terms, price.as_ref())?;
        let mut repositories: BTreeMap<PathBuf, Vec<&PlanEntry>> = BTreeMap::new();
        for plan in &manifest.plans {
            repositories.entry(root(plan)).or_default().push(plan);
        }
        for (root, plans) in repositories {
            let settings = RepositorySettings::load(&root)?;
            if let Some(limit) = settings.max_cost.as_ref().filter(|_| price.is_none()) {
                tell(&format!(
                    "note: endpoint `{}` has no price, so the limit in {} is not kept\n",
                    printable_line(&endpoint.name),
                    limit.origin
                ));
            }
            let of_cost = settings.max_cost.as_ref().filter(|_| price.is_some());
            let of_tokens = settings.max_tokens.as_ref().map(|limit| &limit.origin);
            let kept = of_cost.map(|limit| &limit.origin).or(of_tokens);
            if let Some(origin) = kept.filter(|_| terms.reply.is_none()) {
                tell(&format!(
                    "note: nothing limits the replies of endpoint `{}`, so the limit in {origin} is kept for prompts only: \
                     set `max_tokens`\n",
                    printable_line(&endpoint.name)
                ));
            }
            let limits = Limits {
                cost: lower(own.cost.clone(), settings.max_cost),
                tokens: lower(own.tokens.clone(), settings.max_tokens),
            };
            limits.check(&plans, &terms, price.as_ref())?;
        }
        Ok(())
    }
}

impl Limits {
    fn check(&self, plans: &[&PlanEntry], terms: &Terms, price: Option<&Price>) -> Result<(), Failure> {
        let steps = plans.iter().flat_map(|plan| &plan.steps);
        let (mut requests, mut most) = (0, Usage::default());
        for step in steps {
            requests += 1;
            most.input = most.input.saturating_add(terms.at_most(step.tokens));
            most.output = most.output.saturating_add(terms.reply.unwrap_or_default());
        }
        let what = counted(requests, "request", "requests");
        let size = match terms.reply {
            Some(_) => format!("{} tokens, and up to {} for replies", most.input, most.output),
            None => format!(
                "{} tokens and those of the replies, which nothing limits",
                most.input
            ),
        };
        let tokens = most.input.saturating_add(most.output);
        if let Some(limit) = self.tokens.as_ref().filter(|limit| tokens > limit.value) {
            let text = format!(
                "{what} would pass the limit of {} tokens, which {} sets",
                limit.value, limit.origin
            );
            return Err(over(text, size, terms));
        }
        let Some((price, limit)) = price.zip(self.cost.as_ref()) else {
            return Ok(());
        };
        let cost = price.amount(price.cost(&most));
        if cost.amount <= limit.value {
            return Ok(());
        }
        let text = format!(
            "{what} would pass the limit of {}, which {} sets",
            price.amount(limit.value),
            limit.origin
        );
        Err(over(
            text,
            format!("they may cost {cost} at batch price: {size}"),
            terms,
        ))
    }
}

fn over(text: String, found: String, terms: &Terms) -> Failure {
    let failure = Failure::new(Exit::Configuration, "budget", text)
        .found(found)
        .help("nothing was submitted: submit fewer at a time, with `--step`, `--phase` or fewer plans");
    match terms.reply {
        Some(_) => failure.help("a lower `max_tokens` of the endpoint makes a request cheaper"),
        None => failure.help("set `max_tokens` of the endpoint to limit what replies may cost"),
    }
}

/// How the tokens of an export are counted: only where that decides what fits, and estimated elsewhere.
fn terms(endpoint: &EndpointConfig) -> Terms {
    let terms = endpoint.terms();
    let counter = match terms.context {
        Some(_) => terms.counter,
        None => Counter::Estimate,
    };
    Terms { counter, ..terms }
}

/// The root of a plan's repository: where it stands, without its path from there.
fn root(plan: &PlanEntry) -> PathBuf {
    let depth = Path::new(&plan.path).components().count();
    let root = Path::new(&plan.real).ancestors().nth(depth);
    root.map(Path::to_owned).unwrap_or_default()
}
