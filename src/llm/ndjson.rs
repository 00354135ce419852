//! Cuts a stream of bytes into lines of JSON.
//!
//! Bytes are cut before they are decoded, so a chunk may end inside a character. A last line without its end counts when
//! it is whole JSON; what was cut in the middle is dropped, and a reply counts as whole only when its provider's end was
//! seen (see [`wire`](super::wire)).

use std::pin::Pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use serde::de::IgnoredAny;

use super::framing::{Event, FramingError, Limits};

/// The lines of `bytes`; blank ones are none. An error is told once and ends the stream.
pub fn lines<S, E>(bytes: S, limits: Limits) -> impl Stream<Item = Result<Event, FramingError<E>>>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let lines = Lines {
        bytes: Box::pin(bytes),
        gathered: Vec::new(),
        searched: 0,
        taken: 0,
        total: 0,
        limits,
        ended: false,
    };
    futures_util::stream::unfold(lines, |mut lines| async move {
        let next = lines.next().await?;
        lines.ended |= next.is_err();
        Some((next, lines))
    })
}

struct Lines<S> {
    bytes: Pin<Box<S>>,
    gathered: Vec<u8>,
    /// Where the search for the end of the line goes on.
    searched: usize,
    /// Where the lines begin that were not given yet.
    taken: usize,
    total: u64,
    limits: Limits,
    ended: bool,
}

impl<S> Lines<S> {
    async fn next<E>(&mut self) -> Option<Result<Event, FramingError<E>>>
    where
        S: Stream<Item = Result<Bytes, E>>,
    {
        loop {
            while let Some(line) = self.line() {
                if let Some(event) = event(&line) {
                    return Some(event);
                }
            }
            if self.ended {
                return None;
            }
            match self.bytes.next().await {
                Some(Ok(chunk)) => {
                    self.gathered.drain(..self.taken);
                    self.taken = 0;
                    self.searched = self.gathered.len();
                    self.gathered.extend_from_slice(&chunk);
                    self.total += chunk.len() as u64;
                    let unfinished = match memchr::memrchr(b'\n', &chunk) {
                        Some(at) => chunk.len() - at - 1,
                        None => self.gathered.len(),
                    };
                    if unfinished as u64 > self.limits.event {
                        return Some(Err(FramingError::OverLimit(self.limits.event)));
                    }
                    if self.total > self.limits.total {
                        return Some(Err(FramingError::OverLimit(self.limits.total)));
                    }
                }
                Some(Err(error)) => return Some(Err(FramingError::Source(error))),
                None => {
                    self.ended = true;
                    let last = self.gathered.split_off(self.taken);
                    self.taken = 0;
                    self.gathered.clear();
                    self.searched = 0;
                    if serde_json::from_slice::<IgnoredAny>(&last).is_ok() {
                        return event(&last);
                    }
                }
            }
        }
    }

    /// The next line that has its end.
    fn line(&mut self) -> Option<Vec<u8>> {
        if self.ended {
            return None;
        }
        let end = self.searched + memchr::memchr(b'\n', &self.gathered[self.searched..])?;
        let line = self.gathered[self.taken..end].to_vec();
        self.taken = end + 1;
        self.searched = end + 1;
        Some(line)
    }
}

fn event<E>(line: &[u8]) -> Option<Result<Event, FramingError<E>>> {
    match std::str::from_utf8(line) {
        Ok(line) if line.trim().is_empty() => None,
        Ok(line) => Some(Ok(Event {
            name: None,
            data: line.to_owned(),
        })),
        Err(error) => Some(Err(FramingError::NotUtf8(error.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::super::framing_tests::{Chunk, Framed, all, data, limits, pieces, source};
    use super::*;

    fn cut(chunks: Vec<Chunk>, event: u64) -> Vec<Framed> {
        all(lines(source(chunks), limits(event)))
    }

    fn whole(bytes: &[u8]) -> Vec<Framed> {
        cut(vec![Ok(Bytes::copy_from_slice(bytes))], 1 << 20)
    }

    #[test]
    fn cuts_lines_and_keeps_a_last_one_that_is_whole() {
        assert_eq!(
            whole(b"{\"a\":1}\n{\"b\":2}\n"),
            vec![data("{\"a\":1}"), data("{\"b\":2}")]
        );
        assert_eq!(whole(b"\n{}\r\n \n{}\n"), vec![data("{}\r"), data("{}")]);
        assert_eq!(
            whole(b"{}\n{\"done\":true}"),
            vec![data("{}"), data("{\"done\":true}")]
        );
        assert_eq!(whole(b"{}\n{\"done\":tr"), vec![data("{}")]);
        assert_eq!(whole(b""), vec![]);
    }

    #[test]
    fn what_stops_the_bytes_is_told_once() {
        let broken = cut(vec![Ok(Bytes::from_static(b"{}\n{\"b")), Err("reset")], 100);
        assert_eq!(broken, vec![data("{}"), Err(FramingError::Source("reset"))]);
        let long = cut(vec![Ok(Bytes::from_static(b"aaaaaaaaaa")); 100], 64);
        assert_eq!(long, vec![Err(FramingError::OverLimit(64))]);
        let many = cut(vec![Ok(Bytes::from_static(b"{\"a\":111}\n")); 500], 64);
        assert_eq!(
            (many.len(), &many[409]),
            (410, &Err(FramingError::OverLimit(4096)))
        );
        let raw = whole(b"{}\n\"\xff\"\n{}\n");
        assert_eq!(raw.len(), 2, "{raw:?}");
        assert!(matches!(raw[1], Err(FramingError::NotUtf8(_))), "{raw:?}");
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_does_not_matter(
            texts in prop::collection::vec("[a-zäöü€😀 :]{0,12}", 0..8),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let stream: String = texts.iter().map(|text| format!("{text}\n")).collect();
            let expected: Vec<Framed> = texts.iter().filter(|text| !text.trim().is_empty()).map(|text| data(text)).collect();
            assert_eq!(cut(pieces(stream.as_bytes(), &cuts), 1 << 20), expected);
        }
    }
}
