//! `stepgate mock record` between a client and a server, both of the test's own: what is passed on, when, and what is
//! written down.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod ended;
mod recorder;
#[path = "../support/mod.rs"]
mod support;
mod washed;
mod written;
