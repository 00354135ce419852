use std::time::Duration;

/// The endpoint is asked again by itself after a wait: go on waiting?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitQuestion {
    /// Number of the request that comes, from 2.
    pub request: u32,
    /// How long it is still waited.
    pub left: Duration,
}
