use crate::words::{Exit, Failure, printable_line};

/// Why it is not known what is at a path of the tree.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Unreached {
    /// The path is not followed, or what it leads to is not read: somebody made it so.
    Refused(Refusal),
    /// The disk said no.
    Failed(Failure),
}

/// A path that is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// As a reply named it, or as it is on record.
    path: String,
    /// Why, as a fragment.
    pub(super) why: String,
}

impl Refusal {
    pub(super) fn new(path: &str, why: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            why: why.into(),
        }
    }
}

/// In the words for a reply: most paths are one's.
impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let message = format!("the reply names a path that is not followed: {}", refusal.why);
        Self::new(Exit::ReplyUnusable, "unsafe-path", message)
            .found(format!("`{}`", printable_line(&refusal.path)))
            .help("ask again for paths relative to the repository's root, or make this change by hand")
    }
}

impl From<Unreached> for Failure {
    fn from(unreached: Unreached) -> Self {
        match unreached {
            Unreached::Refused(refusal) => refusal.into(),
            Unreached::Failed(failure) => failure,
        }
    }
}

impl From<Failure> for Unreached {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Refusal> for Unreached {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
