//! What the model is told.
//!
//! The words stand in templates, in `prompts/`; a repository may have its own. Nothing here reads a file.

mod bounded;
mod closing;
mod compose;
mod cuts;
mod document;
pub(crate) mod engine;
mod parts;
#[expect(
    clippy::module_inception,
    reason = "the noun of the folder is a noun of its own"
)]
mod prompt;
mod relevance;
mod sections;
mod template;

pub use bounded::bounded;
pub use closing::{Closed, ClosedStep};
pub use compose::{Filled, Material, Occasion, Retry, StepFile};
pub use document::Document;
pub use parts::Part;
pub use prompt::Prompt;
pub use sections::LeftOut;
pub use template::{Override, Template, Templates};
