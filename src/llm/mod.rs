//! What is asked of a language model, what comes back, and the ways to reach one.

pub mod client;
mod endpoint;
pub mod framing;
#[cfg(test)]
mod framing_tests;
pub mod ndjson;
mod price;
mod reply;
mod request;
pub mod retry;
pub mod sse;
mod terms;
mod tokens;
pub mod wire;

pub use endpoint::{Endpoint, EndpointError, Progress, WaitVerdict};
pub use price::{Amount, Price};
pub use reply::{Finish, Reply, Usage};
pub use request::Request;
pub use terms::Terms;
pub use tokens::Counter;
