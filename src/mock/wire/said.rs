use jiff::Timestamp;

use super::Saying;

impl Saying {
    /// Whether there is a text beside the tool calls: a reply that calls tools and says nothing has none, and a reply
    /// with neither has an empty one.
    pub(super) fn speaks(&self) -> bool {
        !self.text.is_empty() || self.calls.is_empty()
    }
}

/// A moment in seconds since 1970 as RFC 3339 writes it, in UTC. The end of what a calendar has stands for all after it.
pub(super) fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .unwrap_or(Timestamp::MAX)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}
