//! Batches with the real program: out to an engine, home again, and everything that comes between.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what helps a test may fail like a test"
)]

mod bars;
mod billed;
mod cancelled;
mod choosing;
mod crash;
mod cutter;
mod damaged;
mod deleted;
mod delivered;
mod dry_run;
mod elsewhere;
mod exchange;
mod faults;
mod forgotten;
mod hidden;
mod late;
mod lost;
mod made;
mod moved;
mod parts;
mod points;
mod results;
mod round_trip;
mod site;
mod stale;
mod standing;
mod stored;
#[path = "../support/mod.rs"]
mod support;
mod told;
mod watching;
mod waves;
