//! What is asked of a language model, what comes back, and the ways to reach one.

pub mod client;
mod endpoint;
pub mod framing;
pub mod ndjson;
mod reply;
mod request;
pub mod retry;
pub mod sse;
pub mod wire;

pub use endpoint::{Endpoint, EndpointError, Progress};
pub use reply::{Finish, Reply, Usage};
pub use request::Request;
