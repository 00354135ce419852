//! What stepgate remembers: locks, the journal, blobs. All of it outside the repository, and none of it a second truth:
//! where the journal and the plan disagree, the plan wins.

mod agent_record;
mod blobs;
mod by;
mod check_record;
mod declined;
mod doubted;
mod filling;
mod foreseen;
mod journal;
mod ledger;
mod lock;
mod made_at;
mod mode;
mod movement;
mod place;
mod plan_commit;
mod record;
mod rollback_record;
mod safeguard;

pub use agent_record::{AgentRecord, Delegation};
pub use blobs::Blobs;
pub use by::By;
pub use check_record::{CheckRecord, CommandRecord, How};
pub use declined::Declined;
pub use doubted::Doubted;
pub use filling::Filling;
pub use foreseen::Foreseen;
pub use journal::{Entry, Journal, Line, Log, Logged};
pub use ledger::{BatchRecord, Landed, Ledger};
pub use lock::{Holder, Lock, hold_repository, probe};
pub use made_at::MadeAt;
pub use mode::Mode;
pub use movement::{MoveKind, Movement};
pub use place::{StateDir, hand_over};
pub use plan_commit::PlanCommit;
pub use record::Record;
pub use rollback_record::RollbackRecord;
pub use safeguard::{Found, Safeguard};
