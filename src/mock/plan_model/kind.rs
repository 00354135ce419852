use super::comment::Comment;

/// What sort of file a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// The word for the info string of a fence.
    pub(super) language: &'static str,
    /// What can be written to it.
    pub(super) form: Form,
}

/// What can be written to a file without making it invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Comments.
    Commented(Comment),
    /// JSON without comments: a member of its object.
    Json,
    /// Data whose readers have no use for a word about a step: it can only be made new.
    Data,
    /// Text for people: any line.
    Plain,
    /// Nothing: the file does its work by being there.
    Empty,
    /// Nothing, for it is no text.
    Binary,
    /// Nothing, for a tool makes it.
    Made,
    /// Who knows: it can only be made new, as plain text.
    Unknown,
}
