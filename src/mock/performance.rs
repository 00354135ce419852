//! A reply on its way: what is written when, with the faults that were asked for.
//!
//! Nothing here writes or waits. The acts come one at a time and are made when they are asked for, so an endless reply
//! takes no room.

use std::time::Duration;

use bytes::Bytes;

use self::byte_faults::ByteFaults;
use self::streamed::{Step, Streamed};
use super::wire::Saying;
use super::{Cut, CutHow, Fault, MalformedWhat, Pace, Point, Recording, Stall};

mod byte_faults;
mod streamed;

/// How much is gathered before it is written, where no pace asks for less: as much as a connection takes at once.
const GATHERED: usize = 32 * 1024;

/// What is done next with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Writes bytes of the body.
    Write(Bytes),
    /// Waits.
    Wait(Duration),
    /// Waits until the client leaves.
    Hang,
    /// Ends the body as said. Nothing comes after it.
    End(CutHow),
}

/// The acts of one reply; the body is at its end when there are none left.
#[derive(Debug)]
pub struct Performance {
    source: Source,
    /// What was made and is not given away yet.
    buffer: Vec<u8>,
    /// Acts that follow the buffer.
    next: Option<Act>,
    /// Each chunk is written by itself.
    flush: bool,
    bytes: Option<ByteFaults>,
    over: bool,
}

#[derive(Debug)]
enum Source {
    Stream(Box<Streamed>),
    Whole(Option<Vec<u8>>),
    Endless(Bytes),
    Recorded(std::vec::IntoIter<(Duration, Bytes)>, Option<Bytes>),
}

impl Performance {
    /// Streams a reply.
    pub fn stream(saying: &Saying, pace: &Pace, fault: Option<&Fault>) -> Self {
        let streamed = Streamed::new(saying, pace, fault);
        let paced = pace.flush || pace.tokens_per_second.is_some() || pace.first > Duration::ZERO;
        Self::new(Source::Stream(Box::new(streamed)), paced, fault)
    }

    /// Sends a body that is there as a whole.
    ///
    /// It has one chunk for those that count chunks: what happens before the first happens before the body, and what
    /// happens later in its middle.
    pub fn whole(mut body: Vec<u8>, fault: Option<&Fault>) -> Self {
        let Some(fault) = fault else {
            return Self::new(Source::Whole(Some(body)), false, None);
        };
        match fault.malformed.map(|malformed| malformed.what) {
            Some(MalformedWhat::Json) => {
                while body
                    .last()
                    .is_some_and(|last| last.is_ascii_whitespace() || *last == b'}')
                {
                    body.pop();
                }
            }
            Some(MalformedWhat::Event) => body.splice(..0, *b"<!-- ").for_each(drop),
            None => {}
        }
        if fault.endless {
            return Self::new(Source::Endless(body.into()), true, Some(fault));
        }
        let at = |point| match point {
            Point::Byte(at) => at,
            Point::Chunk(0) => 0,
            Point::Chunk(_) => body.len() / 2,
        };
        let in_bytes = Fault {
            stall: fault.stall.map(|stall| Stall {
                after: Point::Byte(at(stall.after)),
                ..stall
            }),
            cut: fault.cut.map(|cut| Cut {
                after: Point::Byte(at(cut.after)),
                ..cut
            }),
            ..fault.clone()
        };
        Self::new(Source::Whole(Some(body)), false, Some(&in_bytes))
    }

    /// Sends what a server once sent, at its times.
    pub fn recorded(recording: &Recording) -> Self {
        let pieces = recording.pieces.clone().into_iter();
        let timed = recording.pieces.iter().any(|(wait, _)| !wait.is_zero());
        Self::new(Source::Recorded(pieces, None), timed, None)
    }

    fn new(source: Source, flush: bool, fault: Option<&Fault>) -> Self {
        let bytes = fault.and_then(ByteFaults::of);
        Self {
            source,
            buffer: Vec::new(),
            next: None,
            flush: flush || bytes.as_ref().is_some_and(|bytes| bytes.split),
            bytes,
            over: false,
        }
    }

    /// Takes the whole body, where it is a single write without anything before or after: the way of most replies.
    pub fn take_single(&mut self) -> Option<Bytes> {
        match &mut self.source {
            Source::Whole(body) if self.bytes.is_none() => body.take().map(Bytes::from),
            _ => None,
        }
    }

    /// Whether every write is to reach the connection by itself.
    pub fn flushes(&self) -> bool {
        self.flush || self.bytes.is_some() || self.is_endless()
    }

    /// Whether it never ends by itself.
    pub fn is_endless(&self) -> bool {
        match &self.source {
            Source::Endless(_) => true,
            Source::Stream(streamed) => streamed.is_endless(),
            Source::Whole(..) | Source::Recorded(..) => false,
        }
    }

    /// The length of the body, where it is known beforehand.
    pub fn length(&self) -> Option<u64> {
        let Source::Whole(Some(body)) = &self.source else {
            return None;
        };
        let cut = self.bytes.as_ref().and_then(|bytes| bytes.cut);
        let length = match cut {
            Some((at, CutHow::Ended)) => at.min(body.len()),
            _ => body.len(),
        };
        u64::try_from(length).ok()
    }

    /// The next act before anything is done to single bytes.
    fn plain(&mut self) -> Option<Act> {
        if let Some(act) = self.next.take() {
            self.over |= matches!(act, Act::End(_));
            return Some(act);
        }
        if self.over {
            return None;
        }
        loop {
            let before = self.buffer.len();
            let act = match &mut self.source {
                Source::Stream(streamed) => streamed.step(&mut self.buffer),
                Source::Whole(body) => match body.take() {
                    Some(body) => return Some(Act::Write(body.into())),
                    None => Step::Over,
                },
                Source::Endless(body) => return Some(Act::Write(body.clone())),
                Source::Recorded(pieces, held) => match held.take() {
                    Some(piece) => return Some(Act::Write(piece)),
                    None => match pieces.next() {
                        Some((wait, piece)) if wait.is_zero() => return Some(Act::Write(piece)),
                        Some((wait, piece)) => {
                            *held = Some(piece);
                            return Some(Act::Wait(wait));
                        }
                        None => Step::Over,
                    },
                },
            };
            match act {
                Step::More if self.buffer.len() >= GATHERED || (self.flush && self.buffer.len() > before) => {
                    return Some(self.write());
                }
                Step::More => {}
                Step::Act(act) if self.buffer.is_empty() => {
                    self.over |= matches!(act, Act::End(_));
                    return Some(act);
                }
                Step::Act(act) => {
                    self.next = Some(act);
                    return Some(self.write());
                }
                Step::Over => {
                    self.over = true;
                    return (!self.buffer.is_empty()).then(|| self.write());
                }
            }
        }
    }

    fn write(&mut self) -> Act {
        Act::Write(std::mem::take(&mut self.buffer).into())
    }
}

impl Iterator for Performance {
    type Item = Act;

    fn next(&mut self) -> Option<Act> {
        let Some(mut faults) = self.bytes.take() else {
            return self.plain();
        };
        let act = faults.next(|| self.plain());
        self.bytes = Some(faults);
        act
    }
}

#[cfg(test)]
mod tests;
