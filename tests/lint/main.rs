//! Every rule of `stepgate lint`: a plan that breaks it, word for word what is said of it, and a plan that does not.
//!
//! `rules/ID/has.md` breaks the rule ID and `has-not.md`, as like it as can be, breaks none. `told` is what the real binary
//! says of `has.md`; `STEPGATE_BLESS=1 cargo test --test lint` takes what comes for what is expected.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod fixed;
mod folders;
mod formats;
mod rules;
mod sample;
#[path = "../support/mod.rs"]
mod support;
