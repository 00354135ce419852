/// What an engine tells of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The engine's id of it.
    pub id: String,
    /// How far it is, in the engine's word.
    pub status: String,
    /// Whether nothing comes after it: the results can be had.
    pub ended: bool,
    /// How its requests fare.
    pub counts: Counts,
    /// When it was made, in seconds since 1970.
    pub created: Option<i64>,
    /// What the client wrote on it, where the engine takes such a thing.
    pub mark: Option<String>,
    /// The file of its requests, where the engine reads them from one.
    pub input: Option<String>,
    /// The files of its results, where they are files.
    pub results: Vec<String>,
    /// Why the engine took none of it, where it says so.
    pub failure: Option<String>,
}

/// How the requests of a batch fare. Engines count as they go, or at the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them; 0 while the engine has not counted.
    pub total: u64,
    /// Those with a reply.
    pub succeeded: u64,
    /// Those without one: refused, expired, cancelled.
    pub failed: u64,
}

/// A page of the list of batches, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Its batches.
    pub batches: Vec<Told>,
    /// What the next page is asked for by; `None` for the last one.
    pub next: Option<String>,
}
