//! What the user, and to a small part the repository, has set.
//!
//! Values come from the configuration file, the environment and the flags, in rising order, and each one knows where it
//! came from. Where prompts go, with which key, and what may run is the user's to say: a repository's own file is read by
//! [`RepositorySettings`], which knows no such setting and refuses them by name. Nothing here opens a connection or reads
//! the process environment by itself.

mod document;
mod edit;
mod endpoint;
mod environment;
mod file;
mod origin;
mod proxy;
mod read_command;
mod read_endpoint;
mod read_key;
mod read_provider;
mod repository;
mod secret;
mod settings;
mod surroundings;
#[cfg(test)]
mod told;
mod trust;
mod user;

pub use edit::{ConfigEdit, NewValue};
pub use endpoint::{CommandConfig, EndpointConfig, EndpointKind, PromptBy, ProviderConfig, Timers};
pub use environment::Environment;
pub use origin::{Origin, Traced};
pub use proxy::Proxy;
pub(crate) use proxy::is_loopback;
pub(crate) use read_command::PROMPT_FILE;
pub use repository::{DocumentSettings, RepositorySettings};
pub use settings::Setting;
pub use trust::Trust;
pub use user::{Config, Flags};
