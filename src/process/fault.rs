use std::io;

/// Why a run has no end that could be told.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Nothing was started.
    NotStarted(io::Error),
    /// It was started, and could not be watched to its end; it was killed.
    Lost(io::Error),
}
