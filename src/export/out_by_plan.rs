use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::PlanEntry;
use crate::plan::{Number, Plan};
use crate::session::Outstanding;

/// Requests that are with batch engines by the records of their batches, by the plans that they are of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutByPlan {
    by_place: BTreeMap<PathBuf, Vec<Outstanding>>,
    /// Those of plans that are no longer where they stood, by the plan's id.
    away: BTreeMap<String, Vec<Away>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Away {
    /// The root of the repository that the plan stood in.
    root: PathBuf,
    requests: Vec<Outstanding>,
}

impl OutByPlan {
    /// Adds requests of a plan.
    pub fn add(&mut self, plan: &PlanEntry, requests: Vec<Outstanding>) {
        let place = PathBuf::from(&plan.real);
        if !place.exists()
            && let Some(root) = plan.root()
        {
            let requests = requests.clone();
            let away = self.away.entry(plan.id.clone()).or_default();
            away.push(Away { root, requests });
        }
        self.by_place.entry(place).or_default().extend(requests);
    }

    /// Whether nothing is with an engine.
    pub fn is_empty(&self) -> bool {
        self.by_place.is_empty()
    }

    /// Those of a plan, by its id and its place, also where it was moved since. Ids such as EP-0001 are in many
    /// repositories: only below the root that it stood in is a plan with its id the one that was moved.
    pub fn of(&self, id: &str, real: &Path) -> impl Iterator<Item = &Outstanding> {
        let here = self.by_place.get(real).into_iter().flatten();
        here.chain(self.moved(id, real))
    }

    /// Whether a plan may be one that is no longer where it stood: it has one of its steps.
    pub fn may_be_moved(&self, id: &str, real: &Path, plan: &Plan) -> bool {
        let mut steps = self.moved(id, real).filter_map(|one| Number::parse(&one.step));
        steps.any(|step| plan.step(step).is_some())
    }

    fn moved(&self, id: &str, real: &Path) -> impl Iterator<Item = &Outstanding> {
        let away = self.away.get(id).into_iter().flatten();
        away.filter(move |away| real.starts_with(&away.root))
            .flat_map(|away| &away.requests)
    }
}

impl PlanEntry {
    /// The root of the repository that the plan stood in, from where it stood and its path from there; `None` where that is
    /// no folder any more.
    pub fn root(&self) -> Option<PathBuf> {
        let root = self.real.strip_suffix(&self.path)?;
        Some(PathBuf::from(root)).filter(|root| root.is_dir())
    }
}
