//! The plan: what a Markdown file says, and which of its bytes say it.
//!
//! Reading keeps byte ranges and never prints Markdown back. Nothing here touches a disk: text in, values out.

mod address;
mod blocks;
mod dependency;
mod edit;
mod entries;
mod fence;
mod header;
mod heading;
mod label;
mod lint;
mod model;
mod number;
mod outline;
mod paragraph;
mod placeholder;
mod progress;
mod read;
#[cfg(test)]
mod tests;
mod unfilled;
mod verify;
mod view;
mod windows;

pub use address::{Address, List};
pub use edit::{Splice, Status, Tick};
pub use lint::Finding;
pub(crate) use model::one_line;
pub use model::{
    CheckBlock, Checkbox, Checklist, Dependency, DocumentLink, FenceText, FileEntry, Header, Phase, Plan,
    Quoted, Step,
};
pub use number::Number;
pub(crate) use outline::{Outline, OutlineHeading};
pub use progress::{Progress, State, Waiting};
pub(crate) use unfilled::Unfilled;
pub use view::{PlanView, StepView, Tally};
