//! Which rows are measured.

/// Words of the command line; a row is wanted that holds one of them, and every row where there is none.
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Those that this process was given. Flags are cargo's.
    pub(crate) fn given() -> Self {
        let words = std::env::args().skip(1);
        Self(words.filter(|word| !word.starts_with('-')).collect())
    }

    /// Whether a row is measured.
    pub(crate) fn want(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|word| name.contains(word.as_str()))
    }
}
