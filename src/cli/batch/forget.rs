use std::path::PathBuf;

use super::agreed::agreed;
use super::yard::{Yard, name_them};
use crate::batch::{Adrift, Shelf, adrift, forget as free};
use crate::cli::World;
use crate::cli::exporting::files;
use crate::cli::tell::tell;
use crate::words::{Exit, Failure, counted, printable_line};

/// A batch whose record does not tell its steps.
pub(super) struct Forgotten<'a> {
    pub(super) mark: &'a str,
    /// Whether there is a record of it, which cannot be read.
    pub(super) damaged: bool,
    /// Plans, or folders with plans.
    pub(super) paths: &'a [PathBuf],
    /// Whether nobody is asked.
    pub(super) yes: bool,
}

/// Frees the steps of plans that wait for a batch whose record is damaged or gone.
///
/// Fails with exit 2 where no plan is named and none is known, or no step waits for it.
pub(super) fn forget(batch: &Forgotten<'_>, yard: &Yard, world: &World) -> Result<Exit, Failure> {
    let mark = printable_line(batch.mark);
    let shelf = Shelf::new(&yard.state);
    let mut paths: Vec<PathBuf> = files(batch.paths)?.into_iter().map(|file| file.path).collect();
    if batch.damaged {
        match shelf.plans_of(batch.mark)? {
            Some(known) => paths.extend(known),
            None if paths.is_empty() => {
                let text = format!("the record of batch {mark} does not tell its plans any more");
                return Err(Failure::new(Exit::Usage, "no-plans", text).help(name_them(&mark)));
            }
            None => {}
        }
    }
    let plans = adrift(&paths, batch.mark, &yard.state)?;
    if plans.is_empty() && !batch.damaged {
        let text = format!("no step of these plans waits for batch {mark}");
        return Err(Failure::new(Exit::Usage, "no-such-batch", text));
    }
    let steps: usize = plans.iter().map(|Adrift { steps, .. }| steps).sum();
    let (steps, of) = (
        counted(steps, "step", "steps"),
        counted(plans.len(), "plan", "plans"),
    );
    let question = format!("give up on batch {mark}, which may be billed, and free {steps} of {of}?");
    agreed(batch.yes, (&question, "give up on it"), yard, world)?;
    free(&plans, batch.mark, &yard.user, &yard.dock())?;
    tell(&format!(
        "gave up on batch {mark}: {steps} of {of} may run again\n"
    ));
    if batch.damaged {
        let aside = shelf.put_aside(batch.mark)?;
        tell(&format!("what was on record of it is in `{}`\n", aside.display()));
    }
    Ok(Exit::Done)
}
