use std::sync::Arc;
use std::time::Duration;

use super::Act;
use crate::mock::wire::{Saying, Stream};
use crate::mock::{CutHow, Fault, MalformedWhat, Pace, Pings, Point, Refusal};

/// What comes of one step of a source.
pub(super) enum Step {
    /// Bytes were added.
    More,
    /// This is to be done, after the bytes so far.
    Act(Act),
    /// There is nothing more.
    Over,
}

/// A reply that is streamed, chunk by chunk.
#[derive(Debug)]
pub(super) struct Streamed {
    stream: Stream,
    text: Arc<str>,
    /// Where the next chunk begins.
    at: usize,
    /// How many chunks were said.
    said: usize,
    stage: Stage,
    pace: Pace,
    faults: Faults,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begin,
    /// What happens before the next chunk.
    Before,
    Chunk,
    End,
    Over,
}

/// The faults that count chunks; each is taken when it has happened.
#[derive(Debug, Default)]
struct Faults {
    stall: Option<(usize, Option<Duration>)>,
    cut: Option<(usize, CutHow)>,
    malformed: Option<(usize, MalformedWhat)>,
    error: Option<(usize, Refusal)>,
    endless: bool,
    pings: Option<Pings>,
}

impl Faults {
    fn of(fault: &Fault) -> Self {
        let chunk = |point| match point {
            Point::Chunk(at) => Some(at),
            Point::Byte(_) => None,
        };
        let error = fault.error_event.as_ref().map(|event| {
            let refusal = Refusal {
                status: event.status,
                message: event.message.clone(),
                kind: None,
                code: None,
                retry_after: None,
                body: None,
            };
            (event.after, refusal)
        });
        Self {
            stall: fault
                .stall
                .and_then(|stall| Some((chunk(stall.after)?, stall.lasting))),
            cut: fault.cut.and_then(|cut| Some((chunk(cut.after)?, cut.how))),
            malformed: fault.malformed.map(|malformed| (malformed.chunk, malformed.what)),
            error,
            endless: fault.endless,
            pings: fault.pings,
        }
    }
}

impl Streamed {
    pub(super) fn new(saying: &Saying, pace: &Pace, fault: Option<&Fault>) -> Self {
        Self {
            stream: Stream::new(saying),
            text: Arc::clone(&saying.text),
            at: 0,
            said: 0,
            stage: Stage::Begin,
            pace: *pace,
            faults: fault.map(Faults::of).unwrap_or_default(),
        }
    }

    pub(super) fn is_endless(&self) -> bool {
        self.faults.endless
    }

    pub(super) fn step(&mut self, out: &mut Vec<u8>) -> Step {
        match self.stage {
            Stage::Begin => {
                if self.faults.pings == Some(Pings::Misplaced) {
                    self.stream.ping(out);
                }
                self.stream.begin(out);
                self.stage = Stage::Before;
                if self.pace.first > Duration::ZERO {
                    return Step::Act(Act::Wait(self.pace.first));
                }
                Step::More
            }
            Stage::Before => self.before(out),
            Stage::Chunk => {
                self.chunk(out);
                self.stage = Stage::Before;
                match self.pace.tokens_per_second {
                    Some(speed) if self.at < self.text.len() || self.faults.endless => {
                        #[expect(clippy::cast_precision_loss, reason = "a handful of tokens")]
                        let seconds = self.pace.chunk as f64 / speed;
                        Step::Act(Act::Wait(
                            Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX),
                        ))
                    }
                    _ => Step::More,
                }
            }
            Stage::End => {
                self.stream.end(out);
                if self.faults.pings == Some(Pings::Misplaced) {
                    self.stream.ping(out);
                }
                self.stage = Stage::Over;
                Step::More
            }
            Stage::Over => Step::Over,
        }
    }

    /// Lets the faults happen that are due before the next chunk, or at the end of the text.
    fn before(&mut self, out: &mut Vec<u8>) -> Step {
        let is_last = self.at >= self.text.len() && !self.faults.endless;
        let due = |at: usize| at <= self.said || is_last;
        if let Some((at, lasting)) = self.faults.stall
            && due(at)
        {
            self.faults.stall = None;
            return Step::Act(lasting.map_or(Act::Hang, Act::Wait));
        }
        if let Some((at, _)) = self.faults.error
            && due(at)
            && let Some((_, refusal)) = self.faults.error.take()
        {
            self.stream.error(&refusal, out);
            self.stage = Stage::Over;
            return Step::More;
        }
        if let Some((at, how)) = self.faults.cut
            && due(at)
        {
            self.stage = Stage::Over;
            return Step::Act(Act::End(how));
        }
        self.stage = if is_last { Stage::End } else { Stage::Chunk };
        // A reply without any text has no payload to break but this one.
        if is_last && let Some((_, what)) = self.faults.malformed.take() {
            self.stream.malformed("", what, out);
        }
        Step::More
    }

    fn chunk(&mut self, out: &mut Vec<u8>) {
        if self.at >= self.text.len() {
            self.at = 0;
        }
        let end = chunk_end(&self.text, self.at, self.pace.chunk);
        let text = &self.text[self.at..end];
        match self.faults.malformed {
            Some((at, what)) if at == self.said => {
                self.faults.malformed = None;
                self.stream.malformed(text, what, out);
            }
            _ => self.stream.chunk(text, out),
        }
        self.at = end;
        self.said += 1;
        let pings = match self.faults.pings {
            Some(Pings::Doubled) => 2,
            Some(Pings::Misplaced) if self.said == 1 => 1,
            _ => 0,
        };
        for _ in 0..pings {
            self.stream.ping(out);
        }
    }
}

/// Where the chunk of so many tokens ends that begins at `at`: four bytes a token, as tokens are counted, up to the next
/// character.
fn chunk_end(text: &str, at: usize, tokens: usize) -> usize {
    let mut end = at.saturating_add(tokens.max(1).saturating_mul(4)).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    end
}
