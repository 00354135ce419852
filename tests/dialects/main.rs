//! A session in every dialect: the real binary against the real mock server, to the same plan bytes, and each fault with
//! its exit code, its message and its number of requests.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod caching;
mod faults;
mod session;
mod spoken;
#[path = "../support/mod.rs"]
mod support;
