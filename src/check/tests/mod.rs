mod fidelity;
mod running;

use std::cell::RefCell;
use std::fs;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Check, Event, Limits, Outcome, run};
use crate::interrupt::Interrupt;

pub(super) struct Bench {
    folder: tempfile::TempDir,
    scratch: tempfile::TempDir,
    limits: Limits,
    without: Vec<String>,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            scratch: tempfile::tempdir().unwrap(),
            limits: Limits {
                grace: Duration::from_millis(200),
                ..Limits::default()
            },
            without: Vec::new(),
        }
    }

    fn check<'a>(&'a self, text: &'a str, chosen: Option<&'a [RangeInclusive<usize>]>) -> Check<'a> {
        Check {
            text,
            chosen,
            folder: self.folder.path(),
            scratch: self.scratch.path(),
            without: &self.without,
            limits: self.limits,
        }
    }

    pub(super) fn run(&self, text: &str) -> Outcome {
        let outcome = run(&self.check(text, None), &Interrupt::default(), &mut |_| {}).unwrap();
        assert_eq!(
            fs::read_dir(self.scratch.path()).unwrap().count(),
            0,
            "nothing left behind"
        );
        outcome
    }

    /// Runs until the output holds `word`, then raises a signal.
    fn run_and_raise(&self, text: &str, word: &str) -> Outcome {
        let interrupt = Interrupt::default();
        let seen = RefCell::new(String::new());
        let mut tell = |event: Event<'_>| {
            if let Event::Output(bytes) = event {
                seen.borrow_mut().push_str(&String::from_utf8_lossy(bytes));
                if seen.borrow().contains(word) {
                    interrupt.raise(2);
                }
            }
        };
        run(&self.check(text, None), &interrupt, &mut tell).unwrap()
    }
}

/// First line, status, whether it ran.
type Found = (usize, Option<i32>, bool);

fn results(outcome: &Outcome) -> Vec<Found> {
    let result = |command: &super::CommandResult| (*command.lines.start(), command.status, command.ran);
    outcome.commands.iter().map(result).collect()
}
