/// Exit codes, the one list of them.
///
/// Scripts branch on these, so a number never changes its meaning. 1 and 101 are never chosen: they say that stepgate
/// itself is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// The work is done.
    Done,
    /// The command line cannot be understood.
    Usage,
    /// A plan or one of its documents is invalid.
    Invalid,
    /// The gate was not passed: a check failed, or a person said no.
    NotPassed,
    /// A person is needed, or a step is blocked.
    NeedsHuman,
    /// Configuration, key, model or quota.
    Configuration,
    /// The endpoint failed, after the retries that are allowed.
    EndpointFailed,
    /// The reply cannot be used, or is not safe to use.
    ReplyUnusable,
    /// The local disk or terminal failed.
    LocalIo,
    /// Another session holds the plan.
    Held,
    /// Someone else changed the file.
    Changed,
    /// An external agent failed.
    AgentFailed,
    /// Ended by a signal, 128 + its number.
    Signal(u8),
}

impl Exit {
    /// The code that the process returns to its parent.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::NotPassed => 4,
            Self::NeedsHuman => 5,
            Self::Configuration => 6,
            Self::EndpointFailed => 7,
            Self::ReplyUnusable => 8,
            Self::LocalIo => 9,
            Self::Held => 10,
            Self::Changed => 11,
            Self::AgentFailed => 12,
            Self::Signal(number) => 128 + number,
        }
    }
}
