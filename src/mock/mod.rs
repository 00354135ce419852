//! The mock model: a scenario in place of a provider.
//!
//! A scenario is data and knows nothing of how it is reached; the endpoint answers from one in process. Neither opens a
//! file or a connection.

mod actor;
mod ask;
mod batching;
mod choose;
mod endpoint;
mod fault;
mod glob;
mod join;
mod pace;
pub mod performance;
mod plan_model;
mod played;
pub mod recording;
mod regret;
mod scenario;
mod scenario_file;
mod secret;
pub mod server;
mod step;
mod tally;
mod template;
pub mod usage;
mod when;
pub mod wire;

pub use crate::llm::wire::Dialect;
pub use actor::{Actor, OfPlan};
pub use ask::{Ask, Part};
pub use batching::{BatchOrder, Batching};
pub use choose::Chosen;
pub use endpoint::MockEndpoint;
pub use fault::{Cut, CutHow, Drip, ErrorEvent, Fault, Malformed, MalformedWhat, Pings, Point, Stall};
pub use pace::Pace;
pub use plan_model::PlanModel;
pub use played::{Before, FRAMING, Headers, Played, Received};
pub use scenario::{Answer, Recording, Refusal, Reply, RetryAfter, Rule, Scenario, Speech, ToolCall};
pub(crate) use secret::is_secret;
pub use step::step_of;
pub use tally::Tally;
pub use template::{Scene, Template};
pub use when::When;
