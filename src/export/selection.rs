use crate::plan::{Number, Phase, Plan, Progress, State, Step, Waiting};

/// Which steps are wanted, by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// Every step.
    #[default]
    All,
    /// Those that are not done.
    Open,
    /// Those that may run now: what they depend on is done, and they are not.
    Ready,
}

/// What a user names in plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// A step.
    Step(Number),
    /// A phase.
    Phase(Number),
}

impl Name {
    /// Whether a plan has it.
    pub fn is_in(self, plan: &Plan) -> bool {
        match self {
            Self::Step(number) => plan.step(number).is_some(),
            Self::Phase(number) => plan.phases.iter().any(|phase| phase.number == number),
        }
    }
}

/// Which steps of a plan are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// By where they stand.
    pub standing: Standing,
    /// Only these.
    pub steps: Vec<Number>,
    /// Only those of these phases; with `steps`, both.
    pub phases: Vec<Number>,
}

impl Selection {
    /// Whether a step is wanted; `opening` is what its phase waits for.
    pub(super) fn wants(
        &self,
        progress: &Progress<'_>,
        opening: &[Waiting],
        phase: &Phase,
        step: &Step,
    ) -> bool {
        let any = self.steps.is_empty() && self.phases.is_empty();
        if !any && !self.names(phase.number, step.id) {
            return false;
        }
        match self.standing {
            Standing::All => true,
            Standing::Open => !step.is_done(),
            Standing::Ready => progress.state_after(opening, step) == State::Ready,
        }
    }

    fn names(&self, phase: Number, step: Number) -> bool {
        self.steps.contains(&step) || self.phases.contains(&phase)
    }
}
