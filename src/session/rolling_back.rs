//! What the command does: steps are rolled back one after the other, each on consent.

use super::drive::Ending;
use super::gate::{Answer, Stop};
use super::history::{depended_on, last, overwritten, pending};
use super::other_root::same_root;
use super::plan_after_agent::look_back;
use super::rollback::{finish, foreign, roll_back};
use super::session::{Session, Who};
use crate::state::Mode;
use crate::tree;
use crate::words::Failure;

/// Which steps are rolled back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This one, of the plan or of the record only.
    Step(String),
    /// So many that were worked on last, the last one first.
    Last(usize),
}

impl Session<'_> {
    /// Rolls steps back, each on consent. [`Ending::Left`] where a person said no.
    ///
    /// Fails with exit 5 where a step that is done depends on one of them, or one that wrote over a file of theirs, does not go too, and with exit 11 where
    /// somebody else changed a file of theirs and nobody can be asked.
    pub fn roll_back(mut self, wanted: Wanted, who: &Who) -> Result<Ending, Failure> {
        match self.begin(Mode::ByHand, who).and_then(|()| self.all(wanted)) {
            Ok(true) => Ok(Ending::Reached),
            Ok(false) | Err(Stop::Quit) => Ok(Ending::Left),
            Err(Stop::Interrupted(signal)) => Ok(Ending::Interrupted(signal)),
            Err(Stop::Failure(failure)) => Err(failure),
        }
    }

    fn all(&mut self, wanted: Wanted) -> Answer<bool> {
        self.desk.file.check_writable()?;
        // A plan that was changed while an agent ran says nothing of how steps depend on each other.
        look_back(self)?;
        let steps = match wanted {
            Wanted::Step(id) => vec![id],
            Wanted::Last(count) => last(self.desk.journal.entries(), count),
        };
        if steps.is_empty() {
            self.listener
                .note("no step was worked on that is not rolled back");
        }
        let reading = self.desk.file.read_valid()?;
        let entries = self.desk.journal.entries();
        if let Some(failure) = depended_on(entries, &reading.plan, &steps, self.desk.file.shown()) {
            return Err(failure.into());
        }
        if let Some(failure) = overwritten(entries, &reading.plan, &steps, self.desk.file.shown()) {
            return Err(failure.into());
        }
        let pending = pending(self.desk.journal.entries());
        for step in steps.iter().chain(pending.as_ref().map(|pending| &pending.step)) {
            same_root(self, step)?;
        }
        // What a crash cut off comes first. Where somebody came between, the steps in question are decided anew.
        if let Some(pending) = pending
            && !finish(self, &pending)?
        {
            if !steps.contains(&pending.step) {
                return Err(foreign(&pending, self.desk.file.shown()).into());
            }
            let desk = &self.desk;
            tree::sweep(&desk.root, &pending.files, &desk.session)?;
        }
        for (before, step) in steps.iter().enumerate() {
            self.desk.pause(self.listener)?;
            match roll_back(self, step) {
                Ok(true) => {}
                Err(Stop::Failure(failure)) if before > 0 => {
                    let were = if before == 1 { "was" } else { "were" };
                    let steps = steps[..before].join(", step ");
                    return Err(failure
                        .help(format!("step {steps} {were} rolled back before it"))
                        .into());
                }
                other => return other,
            }
        }
        Ok(true)
    }
}
