//! The mock model: a scenario in place of a provider.
//!
//! A scenario is data and knows nothing of how it is reached; the endpoint answers from one in process. Neither opens a
//! file or a connection.

mod endpoint;
mod scenario;
mod scenario_file;

pub use endpoint::MockEndpoint;
pub use scenario::{Answer, Ask, Rule, Scenario, When};
