//! The work tree: which paths may be touched, what is there, and changes that reach it all or none.
//!
//! Every path goes through [`Root::admit`], and every file is reached by handles from the root, component by component,
//! without following a link. Nothing here decides whether a change is wanted.

mod apply;
mod change;
mod claims;
mod diff;
mod disk;
mod document;
mod mismatch;
mod path;
mod preview;
mod protected;
mod recover;
mod root;
#[cfg(test)]
mod tests;

pub use apply::{Planned, apply, prepare};
pub use change::{Change, ChangeKind};
pub use diff::{Diff, DiffLine, LineKind, diff};
pub use document::DocumentError;
pub use path::{PathProblem, RelativePath};
pub use preview::preview;
pub use protected::protected;
pub use recover::{Recovery, recover};
pub use root::Root;
