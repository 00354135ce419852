//! What is with an engine by the records of the batches, whatever the records of the plans say.

use std::collections::BTreeSet;
use std::path::Path;

use super::shelf::{Shelf, mark_of};
use super::staging::{manifest, prompts};
use crate::export::{Manifest, OutByPlan, PlanEntry};
use crate::session::Outstanding;
use crate::state::{BatchRecord, Ledger, Logged};
use crate::words::Failure;

impl Shelf<'_> {
    /// The requests of those plans that are `meant` which are with an engine, or may be. Where the record of a batch is
    /// damaged, that is all of its requests. Nothing is locked.
    pub fn outstanding(&self, meant: impl Fn(&PlanEntry) -> bool) -> Result<OutByPlan, Failure> {
        let mut all = OutByPlan::default();
        for folder in self.folders()? {
            let ledger = Ledger::read(&folder).ok();
            let files = ledger.as_deref().map(files_out);
            if files.as_ref().is_some_and(BTreeSet::is_empty) {
                continue;
            }
            let Ok((mut manifest, _)) = manifest(&folder) else {
                continue;
            };
            let ledger = ledger.unwrap_or_default();
            follow(&mut manifest, &ledger);
            let prompts = prompts(&folder);
            for plan in manifest.plans.iter().filter(|plan| meant(plan)) {
                let is_out = |file: &String| files.as_ref().is_none_or(|files| files.contains(file));
                let out = plan.steps.iter().filter(|step| is_out(&step.file));
                let out: Vec<Outstanding> = out
                    .map(|step| Outstanding {
                        step: step.step.clone(),
                        attempt: step.attempt,
                        mark: mark_of(&folder),
                        at: ledger.first().map(|entry| entry.at.clone()),
                        text: step.text.clone(),
                        prompt: prompts.join(step.prompt.as_str()),
                        endpoint: manifest.endpoint.clone().unwrap_or_default(),
                        model: manifest.model.clone(),
                    })
                    .collect();
                if !out.is_empty() {
                    all.add(plan, out);
                }
            }
        }
        Ok(all)
    }

    /// Those of one plan, also where it was moved since.
    pub fn outstanding_of(&self, id: &str, real: &Path) -> Result<Vec<Outstanding>, Failure> {
        let all = self.outstanding(|plan| plan.id == id || Path::new(&plan.real) == real)?;
        Ok(all.of(id, real).cloned().collect())
    }
}

/// The files of requests that a batch was asked for of, and that are neither home nor given up.
fn files_out(ledger: &[Logged<BatchRecord>]) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for entry in ledger {
        match &entry.record {
            BatchRecord::Create { file } | BatchRecord::Created { file, .. } => {
                files.insert(file.clone());
            }
            BatchRecord::NotMade { file, .. }
            | BatchRecord::LetGo { file, .. }
            | BatchRecord::Freed { file }
            | BatchRecord::Home { file, .. } => {
                files.remove(file);
            }
            _ => {}
        }
    }
    files
}

/// Says where the plans stand that were moved.
fn follow(manifest: &mut Manifest, ledger: &[Logged<BatchRecord>]) {
    for entry in ledger {
        if let BatchRecord::Moved { plan, real, path } = &entry.record
            && let Some(moved) = manifest.plans.iter_mut().find(|one| one.id == *plan)
        {
            moved.real.clone_from(real);
            moved.path.clone_from(path);
        }
    }
}
