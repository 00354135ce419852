use std::sync::atomic::{AtomicBool, Ordering};

/// What a connection and the responses on it tell each other.
#[derive(Debug, Default)]
pub(crate) struct Line {
    reset: AtomicBool,
    ending: AtomicBool,
}

impl Line {
    /// The connection is to end with a reset.
    pub(super) fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }

    /// Whether it is to end with a reset.
    pub(super) fn is_reset(&self) -> bool {
        self.reset.load(Ordering::Relaxed)
    }

    /// The server ends: what would never end by itself is to end now.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Whether the server ends.
    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}
