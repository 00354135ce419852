use std::fs::File;
use std::future::Future as _;
use std::io::Read as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::line::Line;

use crate::mock::CutHow;
use crate::mock::performance::{Act, Performance};

/// The body of a response.
pub(crate) enum Play {
    /// All of it at once.
    Single(Option<Bytes>),
    /// Act by act.
    Acts(Box<Acts>),
    /// A file, piece by piece, with what is left of its length.
    File(File, u64),
}

/// A performance on its connection.
pub(crate) struct Acts {
    performance: Performance,
    line: Arc<Line>,
    /// When the next thing is due: waits are counted from the beginning, so that a timer that is late once does not make
    /// all that follows late.
    due: Instant,
    /// What comes would never end by itself.
    hangs: bool,
    wait: Option<Pin<Box<Sleep>>>,
    /// Something was written that has to reach the connection before anything else happens.
    unflushed: bool,
    length: Option<u64>,
    end: Option<CutHow>,
}

/// The body ends before its end, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the response is cut, as the scenario has it")]
pub(crate) struct CutOff;

impl Play {
    /// Plays a performance; `line` tells the connection how to end.
    pub(super) fn new(mut performance: Performance, line: &Arc<Line>) -> Self {
        match performance.take_single() {
            Some(body) => Self::Single(Some(body)),
            None => Self::Acts(Box::new(Acts {
                length: performance.length(),
                line: Arc::clone(line),
                due: Instant::now(),
                hangs: performance.is_endless(),
                wait: None,
                unflushed: false,
                end: None,
                performance,
            })),
        }
    }
}

/// How long it is waited for a client to leave that does not.
const HANG: Duration = Duration::from_secs(3600);

/// How late a reply may be and still catch up: one that waited for its client goes on at its pace.
const LATE: Duration = Duration::from_millis(100);

/// How much of a file is read at once.
const PIECE: usize = 64 * 1024;

/// The next piece of a file. It is read without leaving the thread: it was written a moment ago and lies in memory.
fn piece(file: &mut File, left: &mut u64) -> Option<Result<Frame<Bytes>, CutOff>> {
    if *left == 0 {
        return None;
    }
    let most = usize::try_from(*left).unwrap_or(PIECE).min(PIECE);
    let mut piece = vec![0; most];
    match file.read(&mut piece) {
        Ok(read) if read > 0 => {
            piece.truncate(read);
            *left -= u64::try_from(read).unwrap_or(*left);
            Some(Ok(Frame::data(piece.into())))
        }
        _ => Some(Err(CutOff)),
    }
}

impl Acts {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        if self.hangs && self.line.is_ending() {
            return Poll::Ready(Some(Err(CutOff)));
        }
        if self.unflushed {
            // The connection writes out what it has when it is told that there is nothing for now.
            self.unflushed = false;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            if let Some(wait) = &mut self.wait {
                std::task::ready!(wait.as_mut().poll(context));
                self.wait = None;
            }
            match self.end {
                Some(CutHow::Ended) => return Poll::Ready(None),
                Some(CutHow::Closed) => return Poll::Ready(Some(Err(CutOff))),
                Some(CutHow::Reset) => {
                    self.line.reset();
                    return Poll::Ready(Some(Err(CutOff)));
                }
                None => {}
            }
            match self.performance.next() {
                Some(Act::Write(bytes)) => {
                    self.unflushed = self.performance.flushes();
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Act::Wait(time)) => {
                    let now = Instant::now();
                    let from = now
                        .checked_sub(LATE)
                        .map_or(self.due, |earliest| self.due.max(earliest));
                    self.due = from.checked_add(time).unwrap_or(now + HANG);
                    if self.due > now {
                        self.wait = Some(Box::pin(tokio::time::sleep_until(self.due)));
                    }
                }
                // The connection lets go of us when the client leaves, unless it sent more before it left.
                Some(Act::Hang) => {
                    self.hangs = true;
                    self.wait = Some(Box::pin(tokio::time::sleep(HANG)));
                }
                Some(Act::End(how)) => {
                    self.end = Some(how);
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                None => return Poll::Ready(None),
            }
        }
    }
}

impl Body for Play {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        match self.get_mut() {
            Self::Single(body) => Poll::Ready(
                body.take()
                    .filter(|body| !body.is_empty())
                    .map(|body| Ok(Frame::data(body))),
            ),
            Self::Acts(acts) => acts.poll(context),
            Self::File(file, left) => Poll::Ready(piece(file, left)),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Single(None) | Self::File(_, 0))
    }

    fn size_hint(&self) -> SizeHint {
        let exact = |bytes: &Bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        match self {
            Self::Single(body) => SizeHint::with_exact(body.as_ref().map_or(0, exact)),
            Self::Acts(acts) => acts.length.map(SizeHint::with_exact).unwrap_or_default(),
            Self::File(_, left) => SizeHint::with_exact(*left),
        }
    }
}
