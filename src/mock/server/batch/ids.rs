/// Makes an id in a provider's shape: the prefix, then the number in digits of this width.
///
/// Ids sort in the order in which they were made, and the same requests get the same ids.
pub(super) fn id(prefix: &str, width: usize, number: u64) -> String {
    format!("{prefix}{number:0>width$}")
}
