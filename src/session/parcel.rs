//! Steps that are with a batch engine, and those whose replies are here: what a plan waits for.

use serde::Serialize;

use super::memory::Memory;
use super::outstanding::Outstanding;
use super::stage::Stage;
use crate::plan::Number;
use crate::state::{Entry, Record};

/// A step whose prompt went out and that is not gone on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parcel {
    /// Its id.
    pub step: String,
    /// What it waits for.
    #[serde(rename = "for")]
    pub waits_for: WaitsFor,
    /// The mark of the batch that its prompt went with; none where it went alone.
    pub batch: Option<String>,
}

/// What such a step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitsFor {
    /// Its reply: the prompt is with a batch engine.
    Batch,
    /// `stepgate run`: the reply is stored.
    Run,
}

impl std::fmt::Display for Parcel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.waits_for, &self.batch) {
            (WaitsFor::Batch, Some(mark)) => write!(f, "with batch {mark}"),
            (WaitsFor::Batch, None) => f.write_str("with a batch"),
            (WaitsFor::Run, _) => f.write_str("its reply waits"),
        }
    }
}

/// Steps that would be sent by the record of their plan, and that are with a batch engine by that of a batch.
pub fn unknown_parcels<'a>(entries: &[Entry], out: impl Iterator<Item = &'a Outstanding>) -> Vec<Parcel> {
    let mut parcels: Vec<Parcel> = Vec::new();
    for one in out.filter(|one| !one.is_known(entries)) {
        let fresh = matches!(
            Memory::of(&one.step, entries).stage,
            Stage::Fresh | Stage::Escalated
        );
        if fresh && parcels.iter().all(|parcel| parcel.step != one.step) {
            parcels.push(Parcel {
                step: one.step.clone(),
                waits_for: WaitsFor::Batch,
                batch: Some(one.mark.clone()),
            });
        }
    }
    parcels
}

/// The steps of a plan that wait so by its record, in the order of their ids. Whether one is done all the same the plan says.
pub fn parcels(entries: &[Entry]) -> Vec<Parcel> {
    let mut sent: Vec<(&str, Option<&String>)> = Vec::new();
    for entry in entries.iter().rev() {
        if let Record::Send { step, batch, .. } = &entry.record
            && sent.iter().all(|(other, _)| other != step)
        {
            sent.push((step, batch.as_ref()));
        }
    }
    let waits = |(step, batch): &(&str, Option<&String>)| {
        let waits_for = match Memory::of(step, entries).stage {
            Stage::Out { .. } => WaitsFor::Batch,
            Stage::Replied { .. } => WaitsFor::Run,
            _ => return None,
        };
        Some(Parcel {
            step: (*step).to_owned(),
            waits_for,
            batch: batch.cloned(),
        })
    };
    let mut parcels: Vec<Parcel> = sent.iter().filter_map(waits).collect();
    parcels.sort_by_key(|parcel| Number::parse(&parcel.step));
    parcels
}
