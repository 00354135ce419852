use super::{Batching, Scenario};

impl Scenario {
    /// Several scenarios as one: their rules one after the other, the first seed that is not 0, the
    /// first word on batches, every model once.
    pub fn join(scenarios: Vec<Self>) -> Self {
        let mut joined = Self::default();
        for scenario in scenarios {
            if !joined.description.is_empty() {
                joined.description.push_str("; ");
            }
            joined.description.push_str(&scenario.description);
            if joined.seed == 0 {
                joined.seed = scenario.seed;
            }
            if joined.batch == Batching::default() {
                joined.batch = scenario.batch;
            }
            for model in scenario.models {
                if !joined.models.contains(&model) {
                    joined.models.push(model);
                }
            }
            joined.rules.extend(scenario.rules);
        }
        joined
    }
}
