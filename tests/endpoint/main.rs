//! Endpoints that are reached by HTTP against a real server that plays every fault: the exit code, the message as a whole,
//! and how many requests were made.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod connections;
mod dialects;
mod project;
mod spoken;
mod statuses;
mod streams;
#[path = "../support/wire_server.rs"]
mod wire_server;
