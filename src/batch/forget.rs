//! Steps that wait for a batch whose record cannot be read or is gone.

use std::fs;
use std::path::PathBuf;

use super::dock::{Dock, waiting};
use super::shelf::Shelf;
use super::staging::manifest;
use crate::plan_file::PlanFile;
use crate::state::{Journal, StateDir};
use crate::words::Failure;

/// A plan with steps that wait for a batch.
#[derive(Debug)]
pub struct Adrift {
    file: PlanFile,
    /// How many they are.
    pub steps: usize,
}

impl Shelf<'_> {
    /// Where the plans of a submission stood, by its manifest: that may be there where the rest of its record is not.
    pub fn plans_of(&self, mark: &str) -> Result<Option<Vec<PathBuf>>, Failure> {
        let read = manifest(&self.folder(mark)?).ok();
        let plans = read.map(|(manifest, _)| manifest.plans.into_iter());
        Ok(plans.map(|plans| plans.map(|plan| PathBuf::from(plan.real)).collect()))
    }

    /// Puts the folder of a submission aside, where nothing looks for submissions; where to.
    pub fn put_aside(&self, mark: &str) -> Result<PathBuf, Failure> {
        let folder = self.folder(mark)?;
        let mut aside = folder.with_extension("damaged");
        for number in 2.. {
            if !aside.exists() {
                break;
            }
            aside = folder.with_extension(format!("damaged-{number}"));
        }
        fs::rename(&folder, &aside).map_err(|error| Failure::io("move", &folder, &error))?;
        Ok(aside)
    }
}

/// Those of some files that are plans with steps that wait for a batch. Nothing is written.
pub fn adrift(paths: &[PathBuf], mark: &str, state: &StateDir) -> Result<Vec<Adrift>, Failure> {
    let mut all: Vec<Adrift> = Vec::new();
    // What is gone has nothing that waits.
    for file in paths.iter().filter_map(|path| PlanFile::find(path).ok()) {
        let Some(folder) = state.existing(&file) else {
            continue;
        };
        let steps = waiting(&Journal::read(&folder)?, mark).len();
        if steps > 0 && all.iter().all(|other| other.file.real() != file.real()) {
            all.push(Adrift { file, steps });
        }
    }
    Ok(all)
}

/// Puts on record that nothing comes of these steps' requests, because a person gave up on them.
///
/// All plans are tried; fails with what the first failed with.
pub fn forget(adrift: &[Adrift], mark: &str, by: &str, dock: &Dock<'_>) -> Result<(), Failure> {
    let why = format!("{by} gave up on its batch; it may have been billed");
    let freed = adrift.iter().map(|plan| {
        dock.moor(&plan.file.real().to_string_lossy())?
            .free_all(mark, &why)
    });
    let failures: Vec<Failure> = freed.filter_map(Result::err).collect();
    failures.into_iter().next().map_or(Ok(()), Err)
}
