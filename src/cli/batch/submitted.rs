use serde::Serialize;

use crate::batch::{PartStage, Submission};
use crate::config::EndpointConfig;
use crate::export::Manifest;
use crate::llm::client::BatchClient;
use crate::llm::{Amount, Price, Usage};

/// What `batch submit --json` prints.
#[derive(Serialize)]
pub(super) struct Document {
    schema: &'static str,
    mark: Option<String>,
    endpoint: String,
    model: String,
    requests: usize,
    plans: usize,
    tokens: u64,
    /// What the prompts cost at batch price; replies come on top.
    cost: Option<Amount>,
    left_out: Vec<LeftOut>,
    batches: Vec<Made>,
}

/// Something that was left out: a plan, a step of it unless it is the whole plan, and why.
#[derive(Serialize)]
pub(super) struct LeftOut {
    pub(super) plan: String,
    pub(super) step: Option<String>,
    pub(super) why: String,
}

#[derive(Serialize)]
struct Made {
    id: Option<String>,
    requests: usize,
}

/// What so many tokens of prompts cost; replies come on top.
pub(super) fn of_prompts(tokens: u64, price: &Price) -> Amount {
    let usage = Usage {
        input: tokens,
        ..Usage::default()
    };
    price.amount(price.cost(&usage))
}

/// The document of a submission; `None` where there was nothing to submit.
pub(super) fn document(
    endpoint: &EndpointConfig,
    client: &BatchClient,
    submitted: Option<(&Submission, &Manifest)>,
    left_out: Vec<LeftOut>,
) -> Document {
    let totals = submitted.map(|(_, manifest)| manifest.totals).unwrap_or_default();
    let parts = submitted.map(|(submission, _)| submission.parts.as_slice());
    let batches = parts.unwrap_or_default().iter().map(|part| Made {
        id: match &part.stage {
            PartStage::Made(id) => Some(id.clone()),
            _ => None,
        },
        requests: part.requests,
    });
    Document {
        schema: "stepgate.batch-submitted/1",
        mark: submitted.map(|(submission, _)| submission.mark.clone()),
        endpoint: endpoint.name.clone(),
        model: client.model().to_owned(),
        requests: totals.prompts,
        plans: totals.plans,
        tokens: totals.tokens,
        cost: endpoint
            .batch_price()
            .map(|price| of_prompts(totals.tokens, &price)),
        left_out,
        batches: batches.collect(),
    }
}
