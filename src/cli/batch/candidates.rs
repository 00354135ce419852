use std::sync::{Mutex, PoisonError};

use crate::batch::Dock;
use crate::cli::plans::Named;
use crate::export::{Item, Name};
use crate::plan::Status;
use crate::plan_file::{PlanFile, Reading};
use crate::words::{Exit, Failure};

/// What is left out of a submission: a plan, a step of it unless it is the whole plan, and why.
type Left = (String, Option<String>, String);

/// Gathers what is left out, from several threads.
#[derive(Default)]
pub(super) struct Sieve(Mutex<Vec<Left>>);

impl Sieve {
    /// Leaves something out.
    pub(super) fn leave(&self, plan: &str, step: Option<&str>, why: &str) {
        let left = (plan.to_owned(), step.map(str::to_owned), why.to_owned());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(left);
    }

    /// What is left out, ordered.
    pub(super) fn take(&self) -> Vec<Left> {
        let mut left = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        left.sort();
        left
    }
}

/// Plans whose steps may be submitted.
pub(super) struct Candidates<'a> {
    pub(super) items: Vec<Candidate<'a>>,
}

/// A file that may be a plan.
pub(super) struct Candidate<'a> {
    named: Named,
    dock: &'a Dock<'a>,
    sieve: &'a Sieve,
}

impl<'a> Candidates<'a> {
    pub(super) fn of(files: Vec<Named>, dock: &'a Dock<'a>, sieve: &'a Sieve) -> Self {
        let items = files.into_iter().map(|named| Candidate { named, dock, sieve });
        Self {
            items: items.collect(),
        }
    }
}

impl Item for Candidate<'_> {
    fn shown(&self) -> String {
        self.named.path.display().to_string()
    }

    fn read(&self) -> Option<Result<(PlanFile, Reading), Failure>> {
        let (file, reading) = match self.named.open()? {
            Ok(opened) => opened,
            Err(failure) => return Some(Err(failure)),
        };
        if self.named.is_template(&reading) {
            self.sieve.leave(&self.shown(), None, "a template");
            return None;
        }
        match reading.plan.status(&reading.source) {
            Status::Approved | Status::InProgress => {}
            // What is done has nothing that may run, and is not worth a word.
            Status::Completed if reading.plan.steps().all(|(_, step)| step.is_done()) => {}
            Status::Completed | Status::Early | Status::Unknown => {
                let why = "neither Approved nor In Progress";
                self.sieve.leave(&self.shown(), None, why);
                return None;
            }
        }
        match self.dock.probe(&file) {
            Ok(()) => Some(Ok((file, reading))),
            Err(failure) if failure.exit == Exit::Held => {
                self.sieve.leave(&self.shown(), None, "held by a session");
                None
            }
            Err(failure) => Some(Err(failure)),
        }
    }

    fn has(&self, name: Name) -> bool {
        self.named.has(name)
    }
}
