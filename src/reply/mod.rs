//! What a model's reply asks to change: read from its text, never from the disk.
//!
//! One file for each way to write an edit. Nothing here knows whether a path is safe; `tree` decides that.

mod edits;
#[cfg(test)]
mod tests;

pub use edits::{FileEdit, file_edits};
