//! A disk that fails at any call: the Nth open, write, sync, rename, removal of a session or a rollback is refused, for N = 1, 2, …
//! until one comes to its end unharmed. Then the disk is well again, and the end must be that of a session that nothing
//! happened to.
//!
//! `STEPGATE_FAULTS=all` tries every error at every call, the calls that read, and all calls of git.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod struck;

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
#[test]
fn a_session_survives_every_call_that_is_refused() {
    eprintln!(
        "skipped: a_session_survives_every_call_that_is_refused: calls are struck on Linux on x86_64 and aarch64 only"
    );
}
