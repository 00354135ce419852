//! External agents: real programs that are given a prompt and work in the tree, at the gate of the real binary.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod configured;
mod crashed;
mod fixture;
mod given;
mod guided;
mod refused;
mod rolled_back;
mod second_writer;
mod size;
#[path = "../support/mod.rs"]
mod support;
mod told;
mod unattended;
