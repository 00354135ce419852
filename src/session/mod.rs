//! The session: the loop that takes a plan from its first step to its last tick.
//!
//! It asks a [`Gate`], which decides, and tells a [`Listener`], which shows. It knows no terminal.

mod acceptance;
mod account;
mod agent_question;
mod apply_question;
mod asking;
mod budget;
mod check_blocks;
mod check_question;
mod checking;
mod checkup;
mod closing;
mod closing_prompt;
mod commit;
mod commit_message;
mod confirming;
mod delegated;
mod delegating;
mod desk;
mod drift;
mod drive;
mod escalation;
mod event;
mod evidence;
mod exchange;
mod extent;
mod file_change;
mod found;
mod gate;
mod handover;
mod history;
mod lists;
mod memory;
mod other_root;
mod out_already;
mod outstanding;
mod outstanding_question;
mod parcel;
mod partial;
mod plan_after_agent;
mod plan_question;
mod recheck;
mod recheck_question;
mod record_after_agent;
mod regress;
mod roll_back_question;
mod rollback;
mod rolling_back;
mod sending;
#[expect(
    clippy::module_inception,
    reason = "the noun of the folder is a noun of its own"
)]
mod session;
mod sources;
mod stage;
mod stale;
mod stale_question;
mod standing;
mod step;
mod step_files;
mod subject;
mod ticking;
mod tried;
mod turn;
mod unattended;
mod unkept;
mod wait_question;
mod waiting;
mod working;

pub use account::Account;
pub use agent_question::{AgentQuestion, AgentVerdict, DelegateQuestion, DelegateVerdict};
pub use apply_question::{ApplyQuestion, ApplyVerdict};
pub use budget::{Budget, Spent};
pub use check_blocks::{blocks, whole};
pub use check_question::{CheckBlock, CheckQuestion, CheckVerdict};
pub use checkup::{Bench, Results, Run};
pub use closing::{Closing, Ended, boxes_of_the_move, steps_done};
pub use desk::{Delivery, Desk, Options};
pub use drift::{Drift, FileDrift, Ground};
pub use drive::Ending;
pub use escalation::{Escalation, escalations};
pub use event::{ChangedFile, Event, Listener};
pub use evidence::{
    AgentEvidence, BoxEvidence, BoxState, CheckEvidence, RecheckEvidence, StepEvidence,
    boxes as evidence_of_boxes, of_step as evidence_of_step,
};
pub(crate) use exchange::{Came, Course, Exchange, Lost};
pub use file_change::FileChange;
pub(crate) use found::Found;
pub use gate::{
    Answer, CloseQuestion, ConfirmQuestion, Confirmation, EditedQuestion, FailedQuestion, Gate, ListQuestion,
    LostQuestion, LostVerdict, Moment, NextVerdict, Picks, SendQuestion, SendVerdict, Stop,
    StoredCheckQuestion, StoredCheckVerdict, UnusableQuestion, UnusableVerdict,
};
pub(crate) use memory::Memory;
pub use outstanding::Outstanding;
pub(crate) use outstanding::is_known;
pub use outstanding_question::{OutstandingQuestion, OutstandingVerdict};
pub use parcel::{Parcel, WaitsFor, parcels, unknown_parcels};
pub(crate) use partial::Partial;
pub use plan_question::{PlanQuestion, PlanVerdict};
pub use recheck::{Recheck, Rerun, untick};
pub use recheck_question::{Broken, BrokenQuestion, BrokenVerdict, Finished, RecheckQuestion};
pub use roll_back_question::{RollBackQuestion, RollBackVerdict};
pub use rolling_back::Wanted;
pub(crate) use sending::foreseen;
pub use session::{Session, Who};
pub use sources::Hindrance;
pub(crate) use sources::{History, Sources};
pub(crate) use stage::Stage;
pub use stale_question::{StaleQuestion, StaleVerdict};
pub use subject::Subject;
pub use ticking::{TickSet, tick};
pub use unattended::{Unattended, in_doubt};
pub use wait_question::WaitQuestion;
