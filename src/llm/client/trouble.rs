use std::time::Duration;

use crate::llm::retry::{Class, Hints};
use crate::llm::wire::ServerError;

/// What went wrong with one attempt. Texts in it are the server's own, as they came: [`Report`](super::report::Report)
/// makes them safe.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server refused, by its status or by an error in what began as a reply.
    Refused(Box<Refusal>),
    /// The server is elsewhere.
    Redirected { status: u16, target: Option<String> },
    /// No connection came about.
    Unreachable(Obstacle, String),
    /// The connection broke after the request was sent and before the server answered.
    Dropped(String),
    /// No answer began in time.
    NoAnswer(Duration),
    /// The answer is of a type that no reply has.
    WrongType {
        content_type: Option<String>,
        start: String,
    },
    /// The answer is compressed, which was not asked for.
    Encoded(String),
    /// Nothing came for too long.
    Silent { limit: Duration, length: usize },
    /// The answer ended before the provider's end of a reply; what the connection said of it.
    Cut { detail: Option<String>, length: usize },
    /// What came is not what the dialect says; what is wrong with it.
    Malformed { what: String, length: usize },
    /// The answer is larger than is taken; the limit.
    OverLimit(u64),
}

/// A server's no.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The status of the response; `None` for an error inside of a response that began well.
    pub(super) status: Option<u16>,
    /// What the body said, where it could be read.
    pub(super) error: Option<ServerError>,
    /// The start of a body that could not.
    pub(super) start: String,
    /// What the headers said about another attempt.
    pub(super) hints: Hints,
    /// Bytes of text that came before it, and whether anything of a reply came.
    pub(super) length: usize,
    pub(super) begun: bool,
}

impl Refusal {
    /// What kind of no it is. A server that had begun to reply did not refuse the request: it failed.
    pub(super) fn class(&self) -> Class {
        match Class::of(self.status, self.error.as_ref()) {
            Class::Lasting if self.begun => Class::Passing,
            class => class,
        }
    }
}

/// What stood between here and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Nobody listens there.
    Refused,
    /// The name is not known.
    Name,
    /// It took too long.
    Slow(Duration),
    /// The other side could not be trusted, or does not speak TLS.
    Tls,
    /// Anything else, a proxy's no among it.
    Other,
}

impl Trouble {
    /// The kind of failure, if another attempt may be made by itself.
    pub(super) fn repeatable(&self) -> Option<(Class, Hints)> {
        match self {
            Self::Refused(refusal) if !refusal.begun => Some((refusal.class(), refusal.hints)),
            Self::Unreachable(Obstacle::Refused | Obstacle::Name | Obstacle::Slow(_), _) => {
                Some((Class::Unreachable, Hints::default()))
            }
            _ => None,
        }
    }
}
