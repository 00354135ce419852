//! What the user, and to a small part the repository, has set.
//!
//! Values come from the configuration file, the environment and the flags, in rising order, and each one knows where it
//! came from. Where prompts go, with which key, and what may run is the user's to say: a repository's own file is read by
//! [`RepositorySettings`], which knows no such setting and refuses them by name. Nothing here opens a connection or reads
//! the process environment by itself.

mod document;
mod endpoint;
mod environment;
mod file;
mod origin;
mod proxy;
mod read_endpoint;
mod read_provider;
mod repository;
mod surroundings;
#[cfg(test)]
mod told;
mod user;

pub use endpoint::{EndpointConfig, EndpointKind, Price, ProviderConfig, Timers};
pub use environment::Environment;
pub use origin::{Origin, Traced};
pub use proxy::Proxy;
pub(crate) use proxy::is_loopback;
pub use repository::RepositorySettings;
pub use user::{Config, Flags};
