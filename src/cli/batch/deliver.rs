use std::path::{Path, PathBuf};

use super::landed::{note, rest};
use super::replied;
use super::yard::{Tally, Yard};
use crate::batch::{self, Delivery, Place};
use crate::cli::World;
use crate::cli::global::Global;
use crate::cli::tell::tell;
use crate::documents::repository_above;
use crate::words::{Exit, Failure, counted};

/// Brings home what an engine of one's own made of an export, and tells of it.
pub(super) fn deliver(
    yard: &Yard,
    export: &Path,
    results: &[PathBuf],
    (global, world): (&Global, &World),
) -> Result<(Delivery, Exit), Failure> {
    let _attending = yard.interrupt.attend();
    let mut tally = Tally::default();
    let folder = global.root.clone().or_else(|| world.current.clone());
    let folder = folder.unwrap_or_else(|| PathBuf::from("."));
    let above = || repository_above(&folder).map(Path::to_path_buf);
    let place = Place {
        root: global.root.clone().or_else(above),
        folder,
    };
    let mut delivery = batch::deliver(export, results, &yard.dock(), &place)?;
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
