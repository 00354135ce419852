//! Every prompt of every plan, out: to be read, or to be run by a batch engine.
//!
//! A [`Book`] turns plans into [`ExportedPlan`]s: each step with the request that `run` would send, its id and its digests.
//! [`Book::each`] does so for many plans at a time and hands them over in order; memory holds the plans in flight and no
//! more. [`Export`] writes them in a [`Format`], complete or not at all, with a [`Manifest`] that says which step of which
//! plan every id is. Nothing here sends anything.

mod batches;
mod book;
mod custom_id;
mod documents;
mod exported;
mod file_tree;
mod filling;
mod format;
mod harmless;
mod in_order;
mod layout;
mod ledger;
mod manifest;
mod out_by_plan;
mod output;
mod repository;
mod selection;
mod sheet;
mod writer;

pub use book::{Book, Item, Outcome, Wave};
pub use custom_id::CustomId;
pub use exported::{ExportedPlan, ExportedStep};
pub use format::{Format, Limits, Wire};
pub use manifest::{FailedPlan, FileEntry, MANIFEST, Manifest, PlanEntry, StepEntry, Totals};
pub use out_by_plan::OutByPlan;
pub use output::Output;
pub use selection::{Name, Selection, Standing};
pub use writer::{Export, Told, Written};
