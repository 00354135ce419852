use std::time::Duration;

use bytes::Bytes;

use super::Act;
use crate::mock::{CutHow, Fault, Point};

/// Faults that count or cut bytes.
#[derive(Debug)]
pub(super) struct ByteFaults {
    stall: Option<(usize, Option<Duration>)>,
    pub(super) cut: Option<(usize, CutHow)>,
    pub(super) split: bool,
    drip: Option<(usize, Duration)>,
    /// Bytes given away so far.
    sent: usize,
    /// What is to be written before more is asked for.
    held: Bytes,
    /// The last act was a write of a drip.
    dripped: bool,
    over: bool,
}

impl ByteFaults {
    pub(super) fn of(fault: &Fault) -> Option<Self> {
        let byte = |point| match point {
            Point::Byte(at) => Some(at),
            Point::Chunk(_) => None,
        };
        let faults = Self {
            stall: fault
                .stall
                .and_then(|stall| Some((byte(stall.after)?, stall.lasting))),
            cut: fault.cut.and_then(|cut| Some((byte(cut.after)?, cut.how))),
            split: fault.split_characters,
            drip: fault.drip.map(|drip| (drip.bytes.max(1), drip.every)),
            sent: 0,
            held: Bytes::new(),
            dripped: false,
            over: false,
        };
        let any = faults.stall.is_some() || faults.cut.is_some() || faults.split || faults.drip.is_some();
        any.then_some(faults)
    }

    pub(super) fn next(&mut self, mut more: impl FnMut() -> Option<Act>) -> Option<Act> {
        if self.over {
            return None;
        }
        if self.held.is_empty() {
            match more() {
                Some(Act::Write(bytes)) => self.held = bytes,
                Some(act) => return Some(act),
                None => {
                    // What was to happen beyond the end happens at the end.
                    if let Some((_, lasting)) = self.stall.take() {
                        return Some(lasting.map_or(Act::Hang, Act::Wait));
                    }
                    self.over = true;
                    return self.cut.take().map(|(_, how)| Act::End(how));
                }
            }
        }
        if let Some((at, lasting)) = self.stall
            && at <= self.sent
        {
            self.stall = None;
            return Some(lasting.map_or(Act::Hang, Act::Wait));
        }
        if let Some((at, how)) = self.cut
            && at <= self.sent
        {
            self.over = true;
            return Some(Act::End(how));
        }
        if self.dripped
            && let Some((_, every)) = self.drip
        {
            self.dripped = false;
            return Some(Act::Wait(every));
        }
        let stops = [self.stall.map(|(at, _)| at), self.cut.map(|(at, _)| at)];
        let until = stops.into_iter().flatten().map(|at| at - self.sent);
        let most = until.chain(self.drip.map(|(bytes, _)| bytes)).min();
        let mut end = most.unwrap_or(usize::MAX).min(self.held.len());
        if self.split {
            // The first byte of a character of several is as far as a write goes.
            let inside = self.held[..end].iter().position(|byte| *byte >= 0xC0);
            end = inside.map_or(end, |at| at + 1).min(end);
        }
        self.dripped = self.drip.is_some();
        self.sent += end;
        Some(Act::Write(self.held.split_to(end)))
    }
}
