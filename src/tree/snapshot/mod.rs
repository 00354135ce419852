//! What the tree held at one moment: taken before a step changes anything, so that it can be told afterwards what did.
//!
//! A snapshot is a list of everything beneath the root (kinds, modes, sizes, times) and a place where the bytes are: in a
//! git repository a commit under a ref of our own, else (and for what git ignores) blobs, up to a limit. Nothing here
//! touches the index, the branch, the stash or the hooks of whoever owns the repository, or writes a file of the tree.

mod compare;
mod depot;
mod difference;
mod exact_git;
mod git;
mod list;
mod survey;
mod taken;

pub use depot::Depot;
pub use difference::{Beyond, Difference};
pub use survey::{Survey, Surveyed};
pub use taken::{Keep, Snapshot};
