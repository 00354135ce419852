//! Batches: prompts of many plans, out to a provider's batch engine and home again as replies of their steps.
//!
//! A [`Submission`] is an export in a folder of the state, and a ledger beside it. What is about to happen is on record
//! before it does: the ledger says what was agreed to, which file was uploaded and which batch is about to be made, and
//! the journal of every plan says which of its steps are out. So a crash never submits twice: where the answer to the one
//! request that makes a batch is missing, [`search`] looks for the batch among those that the engine has, and where it
//! cannot be told, a person decides.
//!
//! Replies go into the journals of their plans, as if `run` had received them. Nothing here asks or shows anything.

mod adopted;
mod contents;
mod delete;
mod delivered;
mod dock;
mod fetch;
mod forget;
mod known;
mod outstanding;
mod part;
mod place;
mod results;
mod search;
mod shelf;
mod staging;
mod submission;
mod submit;
mod unsettled;
mod whereabouts;

pub use contents::Contents;
pub use delete::{Cleared, delete};
pub use delivered::{Delivery, deliver};
pub use dock::Dock;
pub use fetch::{Arrival, fetch};
pub use forget::{Adrift, adrift, forget};
pub use known::Known;
pub use part::{Kept, Part, PartStage};
pub use place::Place;
pub use search::{Searched, search};
pub use shelf::{Shelf, Shelved};
pub use staging::Staging;
pub use submission::{Agreement, Submission, held};
pub use submit::{OnTheWay, submit};
