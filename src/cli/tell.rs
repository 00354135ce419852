use std::io::Write;

/// Writes on standard error. What cannot be written there can be told nowhere.
pub(super) fn tell(text: &str) {
    let _ = crate::outlet::stderr().write_all(text.as_bytes());
}
