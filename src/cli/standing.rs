//! What the record of a plan says of its steps, for commands that only look.

use super::World;
use super::global::Global;
use crate::batch::Shelf;
use crate::config::{Config, Flags};
use crate::export::{CustomId, OutByPlan};
use crate::plan::Number;
use crate::plan_file::{PlanFile, Reading};
use crate::session::{Escalation, Parcel, escalations, parcels, unknown_parcels};
use crate::state::{Journal, StateDir};

/// Steps of a plan that are not done and of which its record says something.
#[derive(Default)]
pub(super) struct Standing {
    /// Those that are given to somebody else.
    pub(super) escalated: Vec<Escalation>,
    /// Those that are with a batch, and those whose replies wait.
    pub(super) waiting: Vec<Parcel>,
}

/// What is on record of plans.
pub(super) struct Records {
    state: StateDir,
    /// What is with engines by the records of batches; nothing where they cannot be read.
    out: OutByPlan,
}

/// Finds the records; `None` where nobody can say where they are, for the plan alone tells how far it is.
pub(super) fn records(global: &Global, world: &World) -> Option<Records> {
    let flags = Flags {
        config: global.config.clone(),
        endpoint: None,
        state_dir: global.state_dir.clone(),
        insecure_http: false,
    };
    let config = Config::load(&world.environment, &flags).ok()?;
    let state = StateDir::new(config.state_dir().ok()?.value.clone());
    let out = Shelf::new(&state).outstanding(|_| true).unwrap_or_default();
    Some(Records { state, out })
}

impl Standing {
    /// What the record of a plan says. One that cannot be read says nothing.
    pub(super) fn of(file: &PlanFile, reading: &Reading, records: Option<&Records>) -> Self {
        let folder = records.and_then(|records| records.state.existing(file));
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
        if let Some(Records { out, .. }) = records.filter(|records| !records.out.is_empty()) {
            let id = CustomId::of_plan(&reading.plan, &reading.source);
            let unknown = unknown_parcels(&entries, out.of(&id, file.real()));
            standing.waiting.extend(unknown);
            standing.waiting.sort_by_key(|parcel| Number::parse(&parcel.step));
        }
        standing.escalated.retain(|escalation| open(&escalation.step));
        standing.waiting.retain(|parcel| open(&parcel.step));
        standing
    }
}
