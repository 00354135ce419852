//! What a user sees of plans: the commands that only read, run as a user runs them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test may end it")]

mod broken;
mod input;
mod markdown;
mod output;
mod place;
mod shared;
mod status;
