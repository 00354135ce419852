//! What a model's reply asks to change: read from its text, never from the disk.
//!
//! [`edits`] finds the fenced blocks that are edits (`docs/edits.md` has the format); [`Text`] carries out the blocks of
//! a change on the text of a file. Nothing here knows whether a path is safe; `tree` decides that.

mod block;
mod edit;
mod edits;
mod fence;
mod info;
mod nearest;
#[cfg(test)]
mod tests;
mod text;
mod unread;

pub use block::Block;
pub use edit::{Edit, FileEdit, What};
pub use edits::{Edits, edits, file_edits};
pub use nearest::Nearest;
pub use text::{Mismatch, Text};
