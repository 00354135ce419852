//! What a streamed reply is cut into, however its pieces are told apart.

/// One payload of a streamed reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What the server calls it (`event:`); lines of JSON have no such name.
    pub name: Option<String>,
    /// Its data, lines joined with LF.
    pub data: String,
}

/// Why there are no more payloads. `E` is what the source of the bytes says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FramingError<E> {
    /// The bytes stopped coming.
    Source(E),
    /// More bytes came than are taken; the limit.
    OverLimit(u64),
    /// A line is not UTF-8; what is wrong with it.
    NotUtf8(String),
}

/// How much is taken from a server, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Between two payloads: this is what is gathered in memory.
    pub event: u64,
    /// Altogether. A long reply in small payloads is mostly framing that is dropped as it comes, so this may be far more.
    pub total: u64,
}
