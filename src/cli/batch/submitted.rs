use serde::Serialize;

use crate::batch::{PartStage, Submission};
use crate::config::EndpointConfig;
use crate::export::Manifest;
use crate::llm::{Amount, Price, Usage};

/// What `batch submit --json` prints.
#[derive(Serialize)]
pub(super) struct Document {
    schema: &'static str,
    /// Whether it only would be submitted.
    dry_run: bool,
    mark: Option<String>,
    endpoint: String,
    model: String,
    requests: usize,
    plans: usize,
    tokens: u64,
    /// What the prompts cost at batch price; replies come on top.
    cost: Option<Amount>,
    steps: Vec<Step>,
    left_out: Vec<LeftOut>,
    batches: Vec<Made>,
}

/// A prompt that goes out, or would.
#[derive(Serialize)]
struct Step {
    plan: String,
    step: String,
    attempt: u32,
    tokens: u64,
    /// Which batch it is in.
    #[serde(skip)]
    file: String,
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

/// The prompts of a wave.
fn steps(manifest: &Manifest) -> impl Iterator<Item = Step> {
    manifest.plans.iter().flat_map(|plan| {
        plan.steps.iter().map(|step| Step {
            plan: plan.path.clone(),
            step: step.step.clone(),
            attempt: step.attempt,
            tokens: step.tokens,
            file: step.file.clone(),
        })
    })
}

/// The document of a submission, or of what one would be; `None` where there was nothing to submit.
pub(super) fn document(
    endpoint: &EndpointConfig,
    model: &str,
    submitted: Option<(Option<&Submission>, &Manifest)>,
    left_out: Vec<LeftOut>,
    dry_run: bool,
) -> Document {
    let manifest = submitted.map(|(_, manifest)| manifest);
    let submission = submitted.and_then(|(submission, _)| submission);
    let totals = manifest.map(|manifest| manifest.totals).unwrap_or_default();
    let steps: Vec<Step> = manifest.into_iter().flat_map(steps).collect();
    let files = manifest
        .map(|manifest| manifest.files.as_slice())
        .unwrap_or_default();
    let batches = files.iter().enumerate().map(|(index, file)| Made {
        id: match submission.map(|submission| &submission.parts[index].stage) {
            Some(PartStage::Made(id)) => Some(id.clone()),
            _ => None,
        },
        requests: steps.iter().filter(|step| step.file == file.path).count(),
    });
    let batches = batches.collect();
    Document {
        schema: "stepgate.batch-submitted/1",
        dry_run,
        mark: submission.map(|submission| submission.mark.clone()),
        endpoint: endpoint.name.clone(),
        model: model.to_owned(),
        requests: totals.prompts,
        plans: totals.plans,
        tokens: totals.tokens,
        cost: endpoint
            .batch_price()
            .map(|price| of_prompts(totals.tokens, &price)),
        steps,
        left_out,
        batches,
    }
}
