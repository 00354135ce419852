//! What the tests of both framings share.

use bytes::Bytes;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use proptest::sample::Index;

use super::framing::{Event, FramingError, Limits};

pub(super) type Chunk = Result<Bytes, &'static str>;
pub(super) type Framed = Result<Event, FramingError<&'static str>>;

/// The limits of a test: that of an event, and 4096 bytes in all.
pub(super) fn limits(event: u64) -> Limits {
    Limits { event, total: 4096 }
}

/// A source that has these chunks.
pub(super) fn source(chunks: Vec<Chunk>) -> impl Stream<Item = Chunk> {
    futures_util::stream::iter(chunks)
}

/// All that comes of it. A stream of ready chunks never waits.
pub(super) fn all(framed: impl Stream<Item = Framed>) -> Vec<Framed> {
    framed.collect().now_or_never().unwrap()
}

/// An event without a name.
pub(super) fn data(data: &str) -> Framed {
    Ok(Event {
        name: None,
        data: data.to_owned(),
    })
}

/// Bytes in pieces.
pub(super) fn pieces(bytes: &[u8], cuts: &[Index]) -> Vec<Chunk> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    let piece = |pair: &[usize]| Ok(Bytes::copy_from_slice(&bytes[pair[0]..pair[1]]));
    places.windows(2).map(piece).collect()
}
