use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use serde::Deserialize;

use crate::mock::recording::RequestDigest;

/// How long a request may be for its model to be told. It is read for nothing else.
const MODEL_LIMIT: usize = 1 << 20;

/// What was heard of a request's body. Clones share it.
#[derive(Clone)]
pub(super) struct Heard(Arc<Mutex<Hearing>>);

struct Hearing {
    digest: RequestDigest,
    /// All of it while it is short enough.
    start: Option<Vec<u8>>,
    whole: bool,
}

#[derive(Deserialize)]
struct Named {
    model: Option<String>,
}

impl Heard {
    pub(super) fn new(method: &str, path_and_query: &str) -> Self {
        Self(Arc::new(Mutex::new(Hearing {
            digest: RequestDigest::new(method, path_and_query),
            start: Some(Vec::new()),
            whole: false,
        })))
    }

    /// The digest of the request and the model that it asks for, once it has ended.
    pub(super) fn whole(&self) -> Option<(String, Option<String>)> {
        let hearing = self.hearing();
        let named = hearing
            .start
            .as_deref()
            .and_then(|body| serde_json::from_slice::<Named>(body).ok());
        let model = named.and_then(|named| named.model);
        hearing.whole.then(|| (hearing.digest.clone().finish(), model))
    }

    fn take(&self, bytes: &[u8], ended: bool) {
        let mut hearing = self.hearing();
        hearing.digest.body(bytes);
        hearing.whole |= ended;
        if let Some(start) = &mut hearing.start {
            if start.len() + bytes.len() > MODEL_LIMIT {
                hearing.start = None;
            } else {
                start.extend_from_slice(bytes);
            }
        }
    }

    fn hearing(&self) -> MutexGuard<'_, Hearing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of a request, heard as it passes.
pub(super) struct Listened {
    body: Incoming,
    heard: Heard,
}

impl Listened {
    pub(super) fn new(body: Incoming, heard: Heard) -> Self {
        heard.take(&[], body.is_end_stream());
        Self { body, heard }
    }
}

impl Body for Listened {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => {
                self.heard.take(&[], true);
                return Poll::Ready(None);
            }
        };
        match frame.into_data() {
            // A body of known length is not asked for more than that.
            Ok(bytes) => {
                self.heard.take(&bytes, self.body.is_end_stream());
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            // Trailers, which are about one connection.
            Err(_) => {
                self.heard.take(&[], true);
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
