use std::borrow::Cow;
use std::time::Duration;

use http::HeaderMap;

use super::performance::Performance;
use super::{Dialect, Fault, Refusal, Reply, wire};

/// Headers that say how a body is transferred. They are the server's alone: one that says something else makes what
/// follows on the connection unreadable.
pub const FRAMING: [&str; 6] = [
    "connection",
    "content-length",
    "keep-alive",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers of a response: names in lower case, with their values.
pub type Headers = Vec<(Cow<'static, str>, Cow<'static, str>)>;

/// A request as it came over a connection.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// What it is spoken in.
    pub dialect: Dialect,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a [u8],
    /// Its number, from 1.
    pub number: u64,
    /// Seconds since 1970.
    pub now: i64,
}

/// What comes of a request.
#[derive(Debug)]
pub struct Played {
    /// HTTP status.
    pub status: u16,
    /// Headers of the response, `content-type` among them.
    pub headers: Headers,
    /// The body.
    pub performance: Performance,
    /// The rule that answered, by its index.
    pub rule: Option<usize>,
    /// Why no rule answered.
    pub unmatched: Option<String>,
    /// What happens before the response.
    pub before: Before,
}

/// What happens before a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Before {
    /// It is waited so long.
    pub delay: Duration,
    /// Then the connection is closed, and there is none.
    pub hang_up: bool,
    /// And new connections are refused for so long.
    pub refuse: Option<Duration>,
}

impl Played {
    /// The refusal of a server, in the dialect's shape.
    pub fn refused(received: &Received<'_>, refusal: &Refusal) -> Self {
        let refused = wire::refused(received.dialect, received.number, refusal, received.now);
        let headers = with_type(refused.headers, wire::content_type(received.dialect));
        Self::whole(refusal.status, headers, refused.body)
    }

    /// A document, with the dialect's own headers.
    pub fn json(received: &Received<'_>, body: Vec<u8>) -> Self {
        let headers = wire::headers(received.dialect, received.number, received.now);
        Self::whole(
            200,
            with_type(headers, wire::content_type(received.dialect)),
            body,
        )
    }

    /// A line of text.
    pub fn text(text: &str) -> Self {
        let plain = ("content-type".into(), "text/plain; charset=utf-8".into());
        Self::whole(200, vec![plain], text.as_bytes().to_vec())
    }

    /// A body as it is.
    pub fn whole(status: u16, headers: Headers, body: Vec<u8>) -> Self {
        Self {
            status,
            headers,
            performance: Performance::whole(body, None),
            rule: None,
            unmatched: None,
            before: Before::default(),
        }
    }

    /// Adds what the reply says of headers, and what goes wrong before the response.
    pub(super) fn dressed(mut self, reply: &Reply, fault: Option<&Fault>) -> Self {
        for (name, value) in &reply.headers {
            set(&mut self.headers, name, value);
        }
        if let Some(fault) = fault {
            if let Some(kind) = &fault.content_type {
                set(&mut self.headers, "content-type", kind);
            }
            self.before = Before {
                delay: self.before.delay.saturating_add(fault.delay),
                hang_up: fault.hang_up,
                refuse: fault.refuse,
            };
        }
        self
    }
}

/// Sets a header in place of one of the same name.
fn set(headers: &mut Headers, name: &str, value: &str) {
    headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    headers.push((name.to_owned().into(), value.to_owned().into()));
}

pub(super) fn with_type(headers: Vec<wire::Header>, content_type: &'static str) -> Headers {
    let headers = headers
        .into_iter()
        .map(|(name, value)| (Cow::Borrowed(name), value));
    let content_type = (Cow::Borrowed("content-type"), Cow::Borrowed(content_type));
    headers.chain([content_type]).collect()
}
