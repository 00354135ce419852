//! What a session takes and costs: shown before it is sent, kept within the context and the limits, read from a cache.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod caching;
mod context;
mod countdown;
mod limits;
#[path = "../support/mod.rs"]
mod support;
