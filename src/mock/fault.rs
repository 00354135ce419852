use std::time::Duration;

/// What goes wrong with a reply on its way. Everything that is given happens together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fault {
    /// It happens to this many of the reply's calls, from the first; to all of them where there is none.
    pub times: Option<u32>,
    /// It happens to a call with this probability, from 0 to 1, by the scenario's seed; always where there is none.
    pub chance: Option<f64>,
    /// The time before the head of the response.
    pub delay: Duration,
    /// The connection is closed without a byte of an answer.
    pub hang_up: bool,
    /// The connection is closed without an answer, and new ones are refused for this time.
    pub refuse: Option<Duration>,
    /// The `content-type` that is said in place of the right one.
    pub content_type: Option<String>,
    /// The stream stops for a while.
    pub stall: Option<Stall>,
    /// The response ends before its end.
    pub cut: Option<Cut>,
    /// A payload is not what it should be.
    pub malformed: Option<Malformed>,
    /// Every write ends inside of a character wherever the text has one of more than one byte.
    pub split_characters: bool,
    /// An error as a provider sends it in a stream that has begun.
    pub error_event: Option<ErrorEvent>,
    /// The text is said again and again until the client leaves.
    pub endless: bool,
    /// The bytes of the body trickle.
    pub drip: Option<Drip>,
    /// Pings where a client may not expect them.
    pub pings: Option<Pings>,
}

/// A point in the body of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// After so many bytes of the body.
    Byte(usize),
    /// After so many chunks of text. A response that is no stream has one.
    Chunk(usize),
}

/// A stream that stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// Where.
    pub after: Point,
    /// For how long; until the client leaves where there is none.
    pub lasting: Option<Duration>,
}

/// A response that ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Where.
    pub after: Point,
    /// How.
    pub how: CutHow,
}

/// How a response ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutHow {
    /// As if it were whole: the body ends in order, with its last chunk.
    Ended,
    /// The connection is closed in the middle of the body.
    Closed,
    /// The connection is reset.
    Reset,
}

/// What is wrong with a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// The payload with this number is wrong: 0 is the first of text. A response that is no stream has one.
    pub chunk: usize,
    /// In which way.
    pub what: MalformedWhat,
}

/// A way to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MalformedWhat {
    /// The JSON is not closed.
    Json,
    /// The line has no field that the format knows.
    Event,
}

/// An error in a stream that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorEvent {
    /// After so many chunks of text.
    pub after: usize,
    /// The status that it would have had, which decides the provider's word for it.
    pub status: u16,
    /// What the server says.
    pub message: String,
}

/// Bytes that trickle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drip {
    /// How many at once, at least 1.
    pub bytes: usize,
    /// The time between.
    pub every: Duration,
}

/// Pings (comments, where a dialect has none) in odd places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pings {
    /// Two after every chunk.
    Doubled,
    /// Before the first event, in the middle of the text, and after the last.
    Misplaced,
}
