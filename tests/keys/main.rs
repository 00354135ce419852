//! Keys and endpoints as users have them: the real binary, a real keyring on a bus of its own, and a marker key that must be
//! found nowhere.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod addresses;
mod configuration;
mod endpoints;
mod marker;
mod pieces;
mod real_keyring;
mod secret_service;
mod sources;
#[path = "../support/mod.rs"]
mod support;
mod trust;
