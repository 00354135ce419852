//! `mock serve` as its users run it: the real binary, real connections, every fault met by a client that sees each byte.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod ending;
mod faults;
mod in_process;
mod load;
mod log;
mod plan;
mod repeated;
mod replay;
mod serving;
#[path = "../support/mod.rs"]
mod support;
