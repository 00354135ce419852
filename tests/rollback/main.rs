//! What a step changed is put back: at the gate, and by the command.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod anew;
mod by_step;
mod crash;
mod elsewhere;
mod refused;
#[path = "../support/mod.rs"]
mod support;
