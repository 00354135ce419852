/// What the person is told about a step with every question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its id.
    pub step: String,
    /// Its title.
    pub title: String,
    /// From 1.
    pub attempt: u32,
}

/// What records call the prompt that closes the plan, in the place of a step.
pub(crate) const FINAL: &str = "final";

impl Subject {
    /// Whether it is a step.
    pub fn is_step(&self) -> bool {
        self.step != FINAL
    }

    /// What it is called in a question: a step, or the prompt that closes the plan.
    pub fn name(&self) -> String {
        if self.is_step() {
            format!("step {}", self.step)
        } else {
            "the final prompt".to_owned()
        }
    }
}
