use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::Stream;
use http_body::{Body, Frame, SizeHint};

use super::exchange::Exchange;

/// An error of either side.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

type Pieces = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;

/// The body of a response, recorded as it passes. It is asked for as fast as the client takes it, and dropped, with the
/// connection behind it, when the client leaves.
pub(super) struct Passing {
    exchange: Exchange,
    /// Until it has ended.
    pieces: Option<Pieces>,
    /// Bytes to come, where the server said it.
    left: Option<u64>,
    /// Why it was cut off, until the client's side has been told.
    cut: Option<reqwest::Error>,
}

impl Passing {
    /// `length` is what the server said, 0 for a response that has no body.
    pub(super) fn new(mut exchange: Exchange, response: reqwest::Response, length: Option<u64>) -> Self {
        let pieces: Option<Pieces> = if length == Some(0) {
            exchange.end();
            None
        } else {
            Some(Box::pin(response.bytes_stream()))
        };
        Self {
            exchange,
            pieces,
            left: length,
            cut: None,
        }
    }
}

impl Body for Passing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(error) = self.cut.take() {
            self.pieces = None;
            return Poll::Ready(Some(Err(error.into())));
        }
        let Some(pieces) = &mut self.pieces else {
            return Poll::Ready(None);
        };
        match ready!(pieces.as_mut().poll_next(context)) {
            Some(Ok(bytes)) => {
                self.exchange.piece(&bytes);
                if let Some(left) = &mut self.left {
                    *left = left.saturating_sub(bytes.len() as u64);
                    // Nobody asks again for a body of known length.
                    if *left == 0 {
                        self.pieces = None;
                        self.exchange.end();
                    }
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Some(Err(error)) => {
                self.exchange.lost("the server cut the response off");
                // The connection drops what it has not written yet when it hears of an error: it gets its turn first.
                self.cut = Some(error);
                context.waker().wake_by_ref();
                Poll::Pending
            }
            None => {
                self.pieces = None;
                self.exchange.end();
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
