//! Processes that we start: in a group of their own, watched, and ended as a whole.
//!
//! Success checks and external agents run here alike. Nothing here asks for consent, and nothing here is a sandbox. A
//! process that makes a session of its own (`setsid`) leaves the group, and outlives it.

mod captured;
mod fault;
mod group;
mod run;
mod status;

pub use captured::Captured;
pub(crate) use fault::Fault;
pub(crate) use group::{Change, Clock, Ending, Group};
pub use run::{Event, Limits};
pub(crate) use run::{Surroundings, run};
pub use status::Status;
