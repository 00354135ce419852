use serde::Serialize;

use super::Submission;
use crate::export::{PlanEntry, StepEntry};

/// Steps of one plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contents {
    /// The plan, from the root of its repository.
    pub plan: String,
    /// Where it stands.
    #[serde(skip)]
    pub real: String,
    /// The ids of the steps.
    pub steps: Vec<String>,
}

impl Contents {
    /// Adds a step of a plan; steps of one plan come after each other.
    pub(super) fn add(all: &mut Vec<Self>, plan: &PlanEntry, step: &StepEntry) {
        match all
            .last_mut()
            .filter(|last| last.plan == plan.path && last.real == plan.real)
        {
            Some(last) => last.steps.push(step.step.clone()),
            None => all.push(Self {
                plan: plan.path.clone(),
                real: plan.real.clone(),
                steps: vec![step.step.clone()],
            }),
        }
    }
}

impl Submission {
    /// The plans and steps whose requests are in one of its batches.
    pub fn contents(&self, part: usize) -> Vec<Contents> {
        let plans = self.of_file(&self.parts[part].file).into_iter();
        let contents = plans.map(|(plan, steps)| Contents {
            plan: plan.path.clone(),
            real: plan.real.clone(),
            steps: steps.iter().map(|step| step.step.clone()).collect(),
        });
        contents.collect()
    }
}
