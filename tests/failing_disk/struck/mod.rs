//! Commands under a tracer that lets calls of theirs fail.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod calls;
mod judge;
mod kernel;
mod machine;
mod pass;
mod repository;
mod rollback;
mod session;
mod site;
#[path = "../../support/mod.rs"]
mod support;
