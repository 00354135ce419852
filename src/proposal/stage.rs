/// Where a proposal stands, as folders and tables have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// It is being written or reviewed.
    Pending,
    /// It may be implemented.
    Approved,
    /// It is.
    Implemented,
}

impl Stage {
    /// All of them, in the order of a proposal's life.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Approved, Self::Implemented];

    /// The name of its folder.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Implemented => "implemented",
        }
    }

    /// The stage that a folder is of.
    pub fn of_folder(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.folder() == name)
    }

    /// The stage that a heading over a table speaks of.
    pub(super) fn of_heading(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if has(&["implemented", "completed", "finished"]) {
            Some(Self::Implemented)
        } else if has(&["approved", "accepted"]) {
            Some(Self::Approved)
        } else if has(&["pending", "draft", "review", "proposed", "open"]) {
            Some(Self::Pending)
        } else {
            None
        }
    }
}
