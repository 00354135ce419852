//! What the record of a plan says of its steps, for commands that only look.

use super::World;
use super::global::Global;
use crate::config::{Config, Flags};
use crate::plan::Number;
use crate::plan_file::{PlanFile, Reading};
use crate::session::{Escalation, Parcel, escalations, parcels};
use crate::state::{Journal, StateDir};

/// Steps of a plan that are not done and of which its record says something.
#[derive(Default)]
pub(super) struct Standing {
    /// Those that are given to somebody else.
    pub(super) escalated: Vec<Escalation>,
    /// Those that are with a batch, and those whose replies wait.
    pub(super) waiting: Vec<Parcel>,
}

/// Where the records are; `None` where nobody can say, for the plan alone tells how far it is.
pub(super) fn state(global: &Global, world: &World) -> Option<StateDir> {
    let flags = Flags {
        config: global.config.clone(),
        endpoint: None,
        state_dir: global.state_dir.clone(),
        insecure_http: false,
    };
    let config = Config::load(&world.environment, &flags).ok()?;
    Some(StateDir::new(config.state_dir().ok()?.value.clone()))
}

impl Standing {
    /// What the record of a plan says. One that cannot be read says nothing.
    pub(super) fn of(file: &PlanFile, reading: &Reading, state: Option<&StateDir>) -> Self {
        let folder = state.and_then(|state| state.existing(file));
        let entries = folder
            .and_then(|folder| Journal::read(&folder).ok())
            .unwrap_or_default();
        let open = |step: &str| {
            let step = Number::parse(step).and_then(|number| reading.plan.step(number));
            step.is_some_and(|(_, step)| !step.is_done())
        };
        let mut standing = Self {
            escalated: escalations(&entries).into_values().collect(),
            waiting: parcels(&entries),
        };
        standing.escalated.retain(|escalation| open(&escalation.step));
        standing.waiting.retain(|parcel| open(&parcel.step));
        standing
    }
}
