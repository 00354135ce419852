/// A document that the plan rests on, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// `requirements`, `design` or `context`.
    pub role: &'static str,
    /// From the repository root where it is beneath it.
    pub path: String,
    /// All of it.
    pub text: String,
}
