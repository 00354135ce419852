//! Cuts a stream of bytes into server-sent events.
//!
//! The cutting is the `sse-stream` crate's: bytes are cut into lines before they are decoded, so a chunk may end inside a
//! character. It drops an unfinished last block in silence, so a reply counts as whole only when its provider's end was
//! seen (see [`wire`](super::wire)). What is ours is the limit: a line or a body without an end is refused instead of
//! being gathered.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use sse_stream::{Error, SseByteStream};

use super::framing::{Event, FramingError, Limits};

/// Passes through the cutter what stopped the bytes.
#[derive(Debug)]
enum Stopped<E> {
    Source(E),
    OverLimit(u64),
}

impl<E: fmt::Debug> fmt::Display for Stopped<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl<E: fmt::Debug> std::error::Error for Stopped<E> {}

/// The events of `bytes` that carry data; comments and blocks without any, such as pings, are none. An error is told once and ends the stream.
pub fn events<S, E>(bytes: S, limits: Limits) -> impl Stream<Item = Result<Event, FramingError<E>>>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: fmt::Debug + Send + Sync + 'static,
{
    let mut total = 0_u64;
    let gathered = Rc::new(Cell::new(0_u64));
    let emptied = Rc::clone(&gathered);
    let limited = bytes.map(move |chunk| {
        let chunk = chunk.map_err(Stopped::Source)?;
        total += chunk.len() as u64;
        gathered.set(gathered.get() + chunk.len() as u64);
        match limits {
            Limits { total: limit, .. } if total > limit => Err(Stopped::OverLimit(limit)),
            Limits { event: limit, .. } if gathered.get() > limit => Err(Stopped::OverLimit(limit)),
            _ => Ok(chunk),
        }
    });
    SseByteStream::new(limited).filter_map(move |block| {
        emptied.set(0);
        std::future::ready(match block {
            // An event without data is not dispatched, says the standard; servers keep connections open with them.
            Ok(block) => block.data.filter(|data| !data.trim().is_empty()).map(|data| {
                Ok(Event {
                    name: block.event,
                    data,
                })
            }),
            Err(error) => Some(Err(told(error))),
        })
    })
}

fn told<E: fmt::Debug + Send + Sync + 'static>(error: Error) -> FramingError<E> {
    match error {
        Error::Body(stopped) => match stopped.downcast::<Stopped<E>>() {
            Ok(stopped) => match *stopped {
                Stopped::Source(error) => FramingError::Source(error),
                Stopped::OverLimit(limit) => FramingError::OverLimit(limit),
            },
            Err(other) => FramingError::NotUtf8(other.to_string()),
        },
        other => FramingError::NotUtf8(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::super::framing_tests::{Chunk, Framed, all, data, limits, pieces, source};
    use super::*;

    fn cut(chunks: Vec<Chunk>, event: u64) -> Vec<Framed> {
        all(events(source(chunks), limits(event)))
    }

    fn whole(bytes: &[u8]) -> Vec<Framed> {
        cut(vec![Ok(Bytes::copy_from_slice(bytes))], 1 << 20)
    }

    #[test]
    fn cuts_events_out_of_every_kind_of_line() {
        let named = Ok(Event {
            name: Some("error".to_owned()),
            data: "x".to_owned(),
        });
        let cases: [(&[u8], Vec<Framed>); 10] = [
            (b"data: a\n\ndata: b\n\n", vec![data("a"), data("b")]),
            (
                b"data: a\r\n\r\ndata:b\r\rdata: c\n\n",
                vec![data("a"), data("b"), data("c")],
            ),
            (b": ping\n\n: ping\n\ndata: a\n\n", vec![data("a")]),
            (b"data: a\ndata: b\n\n", vec![data("a\nb")]),
            (b"event: error\ndata: x\nid: 3\nretry: 5\nodd: y\n\n", vec![named]),
            (b"event: ping\n\ndata:\n\ndata: \ndata\n\n", vec![]),
            (b"\xef\xbb\xbfdata: a\n\n", vec![data("a")]),
            (b"data: a\n\ndata: unfinished\n", vec![data("a")]),
            (b"data: a\n\ndata: unfin", vec![data("a")]),
            (b"", vec![]),
        ];
        for (bytes, expected) in cases {
            assert_eq!(whole(bytes), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_stops_the_bytes_is_told_once() {
        let broken = cut(
            vec![Ok(Bytes::from_static(b"data: a\n\ndata: b")), Err("reset")],
            100,
        );
        assert_eq!(broken, vec![data("a"), Err(FramingError::Source("reset"))]);
        let long = cut(vec![Ok(Bytes::from_static(b"data: aaaa")); 100], 64);
        assert_eq!(long, vec![Err(FramingError::OverLimit(64))]);
        let many = cut(vec![Ok(Bytes::from_static(b"data: aa\n\n")); 500], 64);
        assert_eq!(
            (many.len(), &many[409]),
            (410, &Err(FramingError::OverLimit(4096)))
        );
        let raw = whole(b"data: a\n\ndata: \xff\n\ndata: b\n\n");
        assert_eq!(raw.len(), 2, "{raw:?}");
        assert!(matches!(raw[1], Err(FramingError::NotUtf8(_))), "{raw:?}");
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_does_not_matter(
            texts in prop::collection::vec("[a-zäöü€😀 :\\n]{0,12}", 0..8),
            ending in prop::sample::select(vec!["\n", "\r", "\r\n"]),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let mut stream = String::new();
            for text in &texts {
                stream.push_str(": note");
                stream.push_str(ending);
                for line in text.split('\n') {
                    stream.push_str("data: ");
                    stream.push_str(line);
                    stream.push_str(ending);
                }
                stream.push_str(ending);
            }
            let expected: Vec<Framed> = texts.iter().filter(|text| !text.trim().is_empty()).map(|text| data(text)).collect();
            assert_eq!(cut(pieces(stream.as_bytes(), &cuts), 1 << 20), expected);
        }
    }
}
