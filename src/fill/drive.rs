//! The loop: from a document with hints and placeholders to one without.

use std::io::ErrorKind;
use std::path::Path;

use super::event::{FillEvent, Left};
use super::filler::Filler;
use super::judging::Verdict;
use super::memory::{Memory, Stage};
use super::page::Page;
use super::turn::Turn;
use super::{asking, judging};
use crate::plan::Unfilled;
use crate::session::{Answer, Stop, Who};
use crate::state::Mode;
use crate::words::{Digest, Failure};

/// The signal that a closed pipe stands for.
const SIGPIPE: u8 = 13;

/// How it ended, where nothing failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every part that was wanted was filled in, or left on purpose.
    Done,
    /// The person left.
    Left,
    /// A signal; its number.
    Interrupted(u8),
}

impl Filler<'_> {
    /// Goes from part to part until all are filled in or left, or the person leaves.
    ///
    /// Fails when stepgate could not do its work. Whatever happens, the document is whole and the record is true.
    pub fn run(mut self, mode: Mode, who: &Who) -> Result<Ended, Failure> {
        let ended = match self.begin(mode, who).and_then(|()| self.drive()) {
            Ok(()) => Ended::Done,
            Err(Stop::Quit) => Ended::Left,
            Err(Stop::Interrupted(signal)) => return Ok(Ended::Interrupted(signal)),
            Err(Stop::Failure(failure)) => return Err(failure),
        };
        let reading = self.desk.file.read()?;
        let left = left(&Page::of(&reading));
        self.listener.tell(&FillEvent::Ended {
            path: self.desk.file.shown(),
            spent: &self.spent,
            saved: self.saved,
            left: &left,
        });
        Ok(ended)
    }

    fn begin(&mut self, mode: Mode, who: &Who) -> Answer<()> {
        if let Some(host) = who.elsewhere(&self.desk.journal) {
            self.gate.elsewhere(&host)?;
        }
        self.desk.file.check_writable()?;
        Ok(self.desk.record(who.begins(mode, &self.desk.root))?)
    }

    fn drive(&mut self) -> Answer<()> {
        let reading = self.desk.file.read()?;
        let page = Page::of(&reading);
        let of = self.choice.parts(&page)?.len();
        self.listener.tell(&FillEvent::Started {
            path: self.desk.file.shown(),
            title: &page.title(),
            endpoint: self.desk.delivery.name(),
            parts: of,
        });
        loop {
            self.pause()?;
            // Afresh each time: a person may have filled in what comes next by themselves.
            let reading = self.desk.file.read()?;
            let page = Page::of(&reading);
            let mut parts = self.choice.parts(&page)?.into_iter();
            let Some(part) = parts.find(|part| !self.skipped.contains(&part.key)) else {
                return Ok(());
            };
            let number = (self.saved + self.skipped.len() + 1).min(of);
            let hints = part.hints(&reading.source);
            self.listener.tell(&FillEvent::Part {
                part: &part,
                number,
                of,
                hints: &hints,
            });
            (self.agreed, self.shown) = (0, false);
            self.fill(&part.key)?;
        }
    }

    /// One part, from its prompt to the document that holds it.
    fn fill(&mut self, key: &str) -> Answer<()> {
        loop {
            self.pause()?;
            let reading = self.desk.file.read()?;
            let page = Page::of(&reading);
            let Some(part) = self.choice.parts(&page)?.into_iter().find(|part| part.key == key) else {
                // A person has filled it in, or renamed it, while it was worked on.
                return Ok(());
            };
            let text = Digest::of(reading.source.slice(&part.span));
            let memory = Memory::of(key, self.desk.journal.entries()).now(&text);
            let stage = memory.stage.clone();
            let mut turn = Turn {
                filling: self,
                page: &page,
                part: &part,
                memory,
            };
            let verdict = match stage {
                Stage::Fresh if asking::ask(&mut turn)? => Verdict::Skip,
                Stage::Sent { endpoint, at } if asking::lost(&mut turn, &endpoint, &at)? => Verdict::Skip,
                Stage::Fresh | Stage::Sent { .. } => Verdict::Again,
                Stage::Answered { answer } => judging::judge(&mut turn, &answer)?,
            };
            match verdict {
                Verdict::Again => {}
                Verdict::Saved => {
                    self.saved += 1;
                    return Ok(());
                }
                Verdict::Skip => {
                    self.skipped.insert(part.key.clone());
                    self.listener.tell(&FillEvent::Skipped { part: &part });
                    return Ok(());
                }
            }
        }
    }

    /// Ends when a signal asked for it, or when nobody can be told what is done.
    fn pause(&self) -> Answer<()> {
        if let Some(signal) = self.desk.interrupt.raised() {
            return Err(Stop::Interrupted(signal));
        }
        match self.listener.broken() {
            None => Ok(()),
            Some(ErrorKind::BrokenPipe) => Err(Stop::Interrupted(SIGPIPE)),
            Some(kind) => {
                let path = Path::new("standard output or standard error");
                Err(Failure::io("write to", path, &kind.into()).into())
            }
        }
    }
}

/// What is left to fill in, by section, the document's header first.
fn left(page: &Page<'_>) -> Vec<Left> {
    let sections = page.sections();
    let begin = sections.first().map_or(usize::MAX, |part| part.span.start);
    let of = |section: &str, open: &[Unfilled]| {
        let first = open.first()?;
        let hints = open.iter().filter(|one| one.hint).count();
        Some(Left {
            line: page.source.line(first.span.start),
            section: section.to_owned(),
            hints,
            placeholders: open.len() - hints,
        })
    };
    let header: Vec<Unfilled> = page
        .unfilled
        .iter()
        .take_while(|one| one.span.start < begin)
        .cloned()
        .collect();
    let sections = sections.iter().filter_map(|part| of(&part.key, &part.open));
    of("", &header).into_iter().chain(sections).collect()
}
