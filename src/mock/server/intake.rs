use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

/// The most that is read and thrown away of a body that is too large, so that its sender comes to read the answer.
const DRAINED: usize = 1 << 30;

/// The most bytes of all bodies that are read at a time: uploads to the batch engines can be large.
const HELD: usize = 512 << 20;

/// What one body takes up of [`HELD`], given back when it is dropped.
struct Share<'a> {
    held: &'a AtomicUsize,
    bytes: usize,
}

impl Share<'_> {
    /// Takes room for more; whether there was any.
    fn take(&mut self, more: usize) -> bool {
        self.bytes += more;
        self.held.fetch_add(more, Ordering::Relaxed) + more <= HELD
    }

    fn give_back(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::Relaxed);
        self.bytes = 0;
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// A body, or why there is none.
pub(super) enum Intake {
    /// All of it.
    Whole(Bytes),
    /// It is larger than it may be, or others leave it no room.
    TooLarge,
    /// The client left before its end.
    Broken,
}

/// Reads a body of at most so many bytes.
pub(super) async fn take(mut body: Incoming, limit: usize, held: &AtomicUsize) -> Intake {
    let mut share = Share { held, bytes: 0 };
    let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let mut total = 0_usize;
    let mut refused = false;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Intake::Broken;
        };
        let Ok(data) = frame.into_data() else { continue };
        total = total.saturating_add(data.len());
        let room = share.take(data.len());
        refused |= total > limit || told > limit || !room;
        if refused {
            share.give_back();
            if total > DRAINED {
                return Intake::TooLarge;
            }
            rest = BytesMut::new();
            first = Bytes::new();
        } else if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if rest.is_empty() {
                // What the client says of its length is believed only as far as it is small.
                rest.reserve(told.min(8 << 20).max(first.len() + data.len()));
                rest.extend_from_slice(&first);
                first = Bytes::new();
            }
            rest.extend_from_slice(&data);
        }
    }
    match total {
        _ if refused => Intake::TooLarge,
        _ if rest.is_empty() => Intake::Whole(first),
        _ => Intake::Whole(rest.freeze()),
    }
}
