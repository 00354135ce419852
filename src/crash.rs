//! A way for tests to end the process between two acts, as `kill -9` does.
//!
//! In builds with debug assertions, `STEPGATE_CRASH_AT=N` kills the process at the Nth point that it passes. Release
//! builds have no points.

/// A moment at which a crash must do no harm.
#[inline]
pub(crate) fn point() {
    #[cfg(debug_assertions)]
    armed::pass();
}

/// Whether a crash is to come, so that a write is worth cutting in two.
#[inline]
pub(crate) fn is_armed() -> bool {
    #[cfg(debug_assertions)]
    return armed::at().is_some();
    #[cfg(not(debug_assertions))]
    return false;
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    pub(super) fn at() -> Option<u64> {
        static AT: OnceLock<Option<u64>> = OnceLock::new();
        *AT.get_or_init(|| std::env::var("STEPGATE_CRASH_AT").ok()?.parse().ok())
    }

    pub(super) fn pass() {
        static PASSED: AtomicU64 = AtomicU64::new(0);
        let Some(at) = at() else { return };
        if PASSED.fetch_add(1, Ordering::SeqCst) + 1 == at {
            // Nothing that comes after may run: the signal ends the process before this returns.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }
}
