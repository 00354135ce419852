//! A proposal on paper: what its documents are called, what they hold when they are new, the registry that lists them,
//! and the links that lead to them.
//!
//! Text in, values out: nothing here touches a disk, and nothing reprints what a person wrote. Every change is an
//! [`Edit`], the bytes that go and the bytes that come.

mod edit;
mod entry;
mod header;
mod id;
mod links;
mod name;
mod path;
mod registry;
mod row;
mod scaffold;
mod stage;
#[cfg(test)]
mod tests;

pub use edit::Edit;
pub use entry::{Column, Entry};
pub use header::{restamp, title_of};
pub use id::Id;
pub use links::{Place, repair, way};
pub use name::{Name, Role, slug};
pub use path::{folder_of, join, last};
pub use registry::Registry;
pub use scaffold::{Scaffold, scaffold};
pub use stage::Stage;
