//! The session: the loop that takes a plan from its first step to its last tick.
//!
//! It asks a [`Gate`], which decides, and tells a [`Listener`], which shows. It knows no terminal.

mod asking;
mod checking;
mod checkup;
mod confirming;
mod desk;
mod drive;
mod event;
mod found;
mod gate;
mod lists;
mod memory;
mod partial;
#[expect(
    clippy::module_inception,
    reason = "the noun of the folder is a noun of its own"
)]
mod session;
mod sources;
mod step;
mod ticking;
mod turn;
mod unattended;
mod working;

pub use checking::{blocks, whole};
pub use checkup::{Bench, Results, Run};
pub use desk::{Delivery, Desk, Options};
pub use drive::Ending;
pub use event::{ChangedFile, Event, FileChange, Listener};
pub(crate) use found::Found;
pub use gate::{
    Answer, ApplyQuestion, ApplyVerdict, CheckBlock, CheckQuestion, CheckVerdict, CloseQuestion,
    ConfirmQuestion, Confirmation, FailedQuestion, Gate, ListQuestion, LostQuestion, LostVerdict, Moment,
    NextVerdict, Picks, SendQuestion, SendVerdict, Stop, StoredCheckQuestion, StoredCheckVerdict, Subject,
    UnusableQuestion, UnusableVerdict,
};
pub use session::{Session, Who};
pub(crate) use sources::{Sources, upcoming};
pub use ticking::{TickSet, tick};
pub use unattended::Unattended;
