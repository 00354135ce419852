use super::Block;
use crate::words::Span;

/// One edit that a reply asks for, as the model wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The path as written. Not yet known to be safe.
    pub path: String,
    /// What shall become of it.
    pub what: What,
    /// Bytes of the whole fenced block in the reply.
    pub span: Span,
}

/// What shall become of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It shall be this as a whole; line feeds are its line ends.
    Whole(String),
    /// These places of it shall be others, one after the other.
    Blocks(Vec<Block>),
    /// It shall be gone.
    Delete,
    /// It shall be at this path, also as written.
    Rename(String),
}

/// A whole file that a reply holds: its path as the model wrote it, and what the file shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// The path as written. Not yet known to be safe.
    pub path: String,
    /// The fence's content, with line feeds as its line ends.
    pub content: String,
    /// Bytes of the whole fenced block in the reply.
    pub span: Span,
}
