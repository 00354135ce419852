//! The mock model as a server of this machine: what tests point a client at.
//!
//! One thread serves all connections. Nothing here leaves the loopback interface but what `record` passes on.

mod batch;
mod control;
mod intake;
mod keys;
mod line;
mod link;
mod listen;
mod log;
mod mock_server;
mod models;
mod play;
pub mod record;
mod route;
mod serve;

pub use mock_server::{Ended, MockServer, ServerOptions};
