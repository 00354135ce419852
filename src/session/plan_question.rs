/// The plan was changed while an agent ran: what becomes of it?
#[derive(Debug, Clone, Copy)]
pub struct PlanQuestion<'a> {
    /// The name that the user gave the agent.
    pub endpoint: &'a str,
    /// How it was changed.
    pub diff: &'a str,
    /// The file that holds the plan as it was found, where there was one.
    pub kept: Option<&'a str>,
    /// Whether the session ended while the agent ran.
    pub cut_off: bool,
}

/// The verdict on a plan that was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanVerdict {
    /// What stands there now stays.
    Keep,
    /// It is put back as it was, and the session goes on.
    PutBack,
    /// It is put back as it was, and the session ends.
    Refuse,
}
