//! External agents: programs of the user's choice that are given a prompt and work in the tree by themselves.
//!
//! An agent has the user's rights. It is kept from nothing but the keys in our environment; what it did to the tree is
//! seen by comparing snapshots, which is somebody else's work. That it says 0 is not taken for success.

#[expect(
    clippy::module_inception,
    reason = "the noun of the folder is a noun of its own"
)]
mod agent;
mod environment;
mod git;
mod guarded;
mod program;

pub use agent::{Agent, Job, NoOutcome, Outcome};
pub use git::{GitChange, GitState};
pub use guarded::Guarded;
