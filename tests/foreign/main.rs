//! Sessions with servers and agents that somebody else wrote: the real binary, the whole plan, the same bytes as with our
//! own.
//!
//! They are installed into `target/clients` once for each list of versions, as the clients are. Where there is no Node or
//! no registry the test is skipped and says so by name; with `STEPGATE_CLIENTS=required` that is a failure. LiteLLM is 750
//! MB and is asked for with `STEPGATE_LITELLM=1`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod aimock;
mod aimock_batches;
mod aimock_kills;
#[path = "../clients/bounded.rs"]
mod bounded;
mod codex;
#[path = "../clients/installed.rs"]
mod installed;
mod litellm;
mod running;
mod session;
#[path = "../support/mod.rs"]
mod support;

use std::io::Write;
use std::path::Path;

use installed::Missing;

/// What is in the folder of these tests.
fn here() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign"))
}

/// Says by name that a server is not tried, and fails where it must be.
fn skipped(name: &str, Missing(why): &Missing) {
    assert_ne!(
        std::env::var("STEPGATE_CLIENTS").as_deref(),
        Ok("required"),
        "{name} cannot be had: {why}"
    );
    // Past the test harness, which keeps to itself what a test prints that passes.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "skipped: {name} ({why})").unwrap();
}
