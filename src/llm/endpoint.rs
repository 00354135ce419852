use std::cell::Cell;
use std::time::Duration;

use super::{Reply, Request};
use crate::words::Failure;

/// What an endpoint tells while it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<'a> {
    /// More of the reply, in order.
    Text(&'a str),
    /// An attempt failed and another one follows by itself: it may be billed, so it is shown and put on record. What
    /// came of the failed attempt is void.
    Retry {
        /// Number of the attempt that comes, from 2.
        attempt: u32,
        /// How long it is waited before.
        wait: Duration,
        /// What went wrong.
        why: &'a str,
    },
    /// The next attempt is being waited for. It is told many times a second, and at least once before each attempt
    /// after the first, so that a wait can be shown, cut short or left.
    Wait {
        /// Number of the attempt that comes, from 2.
        attempt: u32,
        /// How long it is still waited.
        left: Duration,
        /// Whoever is told may answer here.
        verdict: &'a Cell<WaitVerdict>,
    },
}

/// What becomes of a wait for the next attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WaitVerdict {
    /// It goes on.
    #[default]
    On,
    /// The attempt is made now.
    Now,
    /// No attempt is made any more.
    Leave,
}

/// Why no reply came.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EndpointError {
    /// The endpoint failed or its answer cannot be used; the exit code says which.
    #[error("{0}")]
    Failed(Failure),
    /// A signal ended the wait; its number.
    #[error("interrupted by signal {0}")]
    Interrupted(u8),
    /// The wait for another attempt was [left](WaitVerdict::Leave): nothing is under way.
    #[error("the wait for another attempt was left")]
    Left,
}

/// A place that prompts are sent to.
pub trait Endpoint {
    /// The name that the user gave it, for messages and records.
    fn name(&self) -> &str;

    /// The model that it asks for, where it has one.
    fn model(&self) -> Option<&str>;

    /// Sends a request and waits for the whole reply, telling its progress on the way.
    ///
    /// A reply is returned only when its end was seen; it may still be [unusable](Reply::unusable).
    fn send(
        &mut self,
        request: &Request,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Reply, EndpointError>;
}
