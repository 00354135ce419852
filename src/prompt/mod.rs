//! What the model is told.
//!
//! The words stand in templates, in `prompts/`; a repository may have its own. Nothing here reads a file.

mod compose;
pub(crate) mod engine;
mod template;

pub use compose::{Document, Material, Occasion, Part, Prompt, Retry, StepFile};
pub use template::{Override, Template, Templates};
