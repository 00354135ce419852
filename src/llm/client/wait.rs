use std::pin::pin;
use std::time::Duration;

use tokio::time::Instant;

use crate::interrupt::Interrupt;

/// How often a signal is asked for while something is awaited: well within the 200 ms in which it must be obeyed.
pub(super) const TICK: Duration = Duration::from_millis(40);

/// Why the wait ended without what was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// A signal; its number.
    Interrupted(u8),
    /// The time was up.
    TimedOut,
}

/// Waits for `future`, for at most `limit` and until a signal comes.
pub(super) async fn within<F: Future>(
    interrupt: &Interrupt,
    limit: Duration,
    future: F,
) -> Result<F::Output, Ended> {
    let mut future = pin!(future);
    let start = Instant::now();
    loop {
        if let Some(signal) = interrupt.raised() {
            return Err(Ended::Interrupted(signal));
        }
        let left = limit.saturating_sub(start.elapsed());
        match tokio::time::timeout(left.min(TICK), future.as_mut()).await {
            Ok(output) => return Ok(output),
            Err(_) if start.elapsed() >= limit => return Err(Ended::TimedOut),
            Err(_) => {}
        }
    }
}
