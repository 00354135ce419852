//! Names of files that are ours for a moment, beside those that they become or were.

/// What names of files beside begin with.
pub(super) fn prefix(session: &str) -> String {
    format!(".stepgate-{}-", session_name(session))
}

fn session_name(session: &str) -> String {
    session
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

/// A name beside a target that nobody else has.
pub(super) fn beside(session: &str) -> String {
    format!("{}{:016x}", prefix(session), fastrand::u64(..))
}
