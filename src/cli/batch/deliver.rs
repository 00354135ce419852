use std::path::{Path, PathBuf};

use super::landed::{note, rest};
use super::replied;
use super::yard::{Tally, Yard};
use crate::batch::{self, Delivery};
use crate::cli::World;
use crate::cli::tell::tell;
use crate::words::{Exit, Failure, counted};

/// Brings home what an engine of one's own made of an export, and tells of it. `place` is where plans are looked for that
/// are not where they were exported from, and the world.
pub(super) fn deliver(
    yard: &Yard,
    export: &Path,
    results: &[PathBuf],
    (beside, world): (Option<&Path>, &World),
) -> Result<(Delivery, Exit), Failure> {
    let _attending = yard.interrupt.attend();
    let mut tally = Tally::default();
    let mut delivery = batch::deliver(export, results, &yard.dock(), beside)?;
    for failure in &delivery.failures {
        tally.tell(failure, world.stderr_colour)?;
    }
    let notes = &mut delivery.notes;
    if delivery.foreign > 0 {
        let lines = counted(delivery.foreign, "line", "lines");
        notes.push(format!(
            "{lines} of the results cannot be read, or belong to no step of the export"
        ));
    }
    if delivery.missing > 0 {
        let steps = counted(delivery.missing, "step", "steps");
        notes.push(format!("{steps} of the export have no result there"));
    }
    notes.iter().for_each(|note| tell(&format!("{note}\n")));
    let landed = delivery.landed;
    let rest = rest(&landed, "not taken");
    let replies = counted(landed.replies, "reply", "replies");
    tell(&format!("{replies} came home from {}{rest}\n", delivery.mark));
    tell(&replied::words(&delivery.replied, world));
    if delivery.foreign > 0 {
        tally.note(Exit::EndpointFailed);
    }
    note(&mut tally, &landed);
    Ok((delivery, tally.exit()))
}
