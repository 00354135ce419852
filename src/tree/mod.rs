//! The work tree: which paths may be touched, what is there, and changes that reach it all or none.
//!
//! Every path goes through [`Root::admit`], and every file is reached by handles from the root, component by component,
//! without following a link. Nothing here decides whether a change is wanted.

mod apply;
mod beside;
mod change;
mod checkpoint;
mod claims;
mod control;
mod control_table;
mod diff;
mod disk;
mod document;
mod folders;
mod git;
mod git_index;
mod meanwhile;
mod mismatch;
mod moment;
mod path;
mod planned;
mod preview;
mod protected;
mod put_back;
mod reader;
mod recover;
mod root;
mod safe_git;
mod slot;
mod snapshot;
mod standing;
mod swap;
#[cfg(test)]
mod tests;
mod undo;
mod unreached;
mod witness;
mod work;

pub use apply::{apply, unchanged};
pub use change::{Change, ChangeKind, Links};
pub use checkpoint::{Attempt, Checkpoint, LeftOut, MadeCommit};
pub use diff::{Diff, DiffLine, LineKind, diff};
pub use document::DocumentError;
pub use git::Git;
pub use git_index::GitIndex;
pub use path::{PathProblem, RelativePath};
pub use planned::{Planned, prepare};
pub use preview::preview;
pub use protected::{protected, protected_in};
pub use put_back::{as_shown, put_back};
pub use reader::{Reader, Seen};
pub use recover::{Recovery, none_written, recover, sweep};
pub use root::Root;
pub use snapshot::{Beyond, Depot, Difference, Keep, Snapshot, Survey, Surveyed};
pub use undo::{Conflict, Kept, Undo, put_back_rest, undo};
pub use witness::{Witness, WitnessFile, WitnessKind};
