//! What stepgate remembers: locks, the journal, blobs. All of it outside the repository, and none of it a second truth:
//! where the journal and the plan disagree, the plan wins.

mod blobs;
mod journal;
mod lock;
mod place;
mod record;

pub use blobs::Blobs;
pub use journal::{Entry, Journal};
pub use lock::{Holder, Lock};
pub use place::StateDir;
pub use record::{By, CheckRecord, CommandRecord, How, Mode, Record};
