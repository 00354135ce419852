//! The loop of a session, from a plan on disk to ticked boxes.
//!
//! The life of a step is in `docs/architecture.md`; here it is asked which step comes, and what comes between them.

use std::collections::HashSet;

use super::account::Account;
use super::event::Event;
use super::gate::{Answer, Moment, Stop};
use super::other_root::with_root;
use super::partial::Partial;
use super::session::{Session, Who};
use super::stage::Stage;
use super::{commit, lists, plan_after_agent, regress, rollback, step, ticking, waiting};
use crate::plan::{Number, Progress, State, Status, Waiting};
use crate::plan_file::Reading;
use crate::state::{By, Mode, Record, RollbackRecord};
use crate::tree;
use crate::words::{Exit, Failure, shell_word};

/// How a session ended, where nothing failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// Every step is done; the boxes that are open were left so on purpose. How many they are.
    Complete {
        /// Open boxes.
        open: usize,
    },
    /// The step that was asked for is done.
    Reached,
    /// The person left, said no, or gave a step to somebody else.
    Left,
    /// A signal; its number.
    Interrupted(u8),
    /// What is left waits for something, or for a person; what it is.
    NeedsHuman(Failure),
}

impl Ending {
    /// What the process returns.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Complete { .. } | Self::Reached => Exit::Done,
            Self::Left => Exit::NotPassed,
            Self::Interrupted(signal) => Exit::Signal(*signal),
            Self::NeedsHuman(failure) => failure.exit,
        }
    }
}

impl Session<'_> {
    /// Runs until the plan is done, a person leaves, or nothing more can be done.
    ///
    /// Fails when stepgate could not do its work. Whatever happens, the plan is whole and the record is true.
    pub fn run(mut self, mode: Mode, who: &Who) -> Result<Ending, Failure> {
        let driven = self.begin(mode, who).and_then(|()| self.drive());
        let driven = match driven {
            Ok(_) | Err(Stop::Quit) => commit::of_lists(&mut self).and(driven),
            Err(_) => driven,
        };
        let ending = match driven {
            Ok(ending) => ending,
            Err(Stop::Quit) => Ending::Left,
            Err(Stop::Interrupted(signal)) => Ending::Interrupted(signal),
            Err(Stop::Failure(failure)) => {
                let (exit, message) = (failure.exit.code(), failure.to_string());
                self.listener.tell(&Event::Failed {
                    exit,
                    message: &message,
                });
                return Err(failure);
            }
        };
        self.tell_end(&ending)?;
        Ok(ending)
    }

    fn drive(&mut self) -> Answer<Ending> {
        plan_after_agent::look_back(self)?;
        // What a crash cut off comes first: boxes that were consented to are ticked, or it is said why not.
        rollback::finish_pending(self)?;
        ticking::finish_pending(self)?;
        commit::finish_pending(self)?;
        let reading = self.desk.file.read_valid()?;
        self.tell_start(&reading);
        // The plan must be one that may be run, and one that can be ticked, before anything is sent for it.
        self.check_status(&reading)?;
        self.desk.file.check_writable()?;
        commit::ready(self)?;
        let mut begun = false;
        loop {
            self.desk.pause(self.listener)?;
            let reading = self.desk.file.read_valid()?;
            // A phase whose steps are done is closed before the next one opens.
            if self.desk.options.step.is_none() && lists::close_phase(self, &reading)? {
                continue;
            }
            if self
                .desk
                .options
                .until
                .is_some_and(|until| is_done(&reading, until))
            {
                return Ok(Ending::Reached);
            }
            let Some(next) = self.next(&reading)? else {
                return match waiting::is_unsent(self, &reading) {
                    true => Ok(Ending::Reached),
                    false => self.end(&reading),
                };
            };
            if !begun && lists::ask(self, &reading, Moment::Before)? {
                continue;
            }
            begun = true;
            // What was ticked between steps is of no step.
            commit::of_lists(self)?;
            // What the step stands on must still hold before a prompt is sent for it.
            if regress::before(self, &reading, next)? {
                continue;
            }
            // One step: prompt, reply, files, check, confirmation, ticks.
            match step::run(self, next)? {
                step::End::Done | step::End::Unsent => {}
                step::End::Escalated => return Ok(Ending::Left),
            }
            if self.desk.options.step.is_some() {
                return Ok(Ending::Reached);
            }
        }
    }

    /// The step that comes: the one that was asked for, else the first in the file that may run.
    fn next(&mut self, reading: &Reading) -> Answer<Option<Number>> {
        let progress = Progress::of(&reading.plan);
        let Some(wanted) = self.desk.options.step else {
            return waiting::next(self, &progress);
        };
        let found = self.desk.find(reading, &wanted.to_string())?;
        let (phase, step) = (found.phase, found.step);
        match progress.state(phase, step) {
            State::Done => {
                self.listener.note(&format!("step {wanted} is done already"));
                Ok(None)
            }
            State::Ready => Ok(Some(step.id).filter(|_| waiting::may_come(self, &step.id.to_string()))),
            State::Blocked(waiting) => {
                let text = format!("step {} waits for {}", step.id, join(&waiting));
                Err(Failure::new(Exit::NeedsHuman, "blocked", text)
                    .at(reading.source.place(&step.heading))
                    .help("do that first, or change the step's dependencies in the plan")
                    .help("without `--step`, `run` also asks for the completion criteria of a phase whose steps are done")
                    .into())
            }
        }
    }

    /// No step can run: the plan is done, or what is left is blocked.
    fn end(&mut self, reading: &Reading) -> Answer<Ending> {
        if self.desk.options.step.is_some() {
            return Ok(Ending::Reached);
        }
        let progress = Progress::of(&reading.plan);
        let stuck: Vec<_> = reading.plan.steps().filter(|(_, step)| !step.is_done()).collect();
        if let Some((phase, step)) = stuck.first() {
            let waiting = match progress.state(phase, step) {
                State::Blocked(waiting) => join(&waiting),
                State::Ready | State::Done => "nothing".to_owned(),
            };
            let text = format!("no step can run: step {} waits for {waiting}", step.id);
            let failure = Failure::new(Exit::NeedsHuman, "blocked", text)
                .at(reading.source.place(&step.heading))
                .help("a phase is done when its steps are and its completion criteria are ticked; run again to be asked");
            return Ok(Ending::NeedsHuman(failure));
        }
        while lists::ask(self, &self.desk.file.read_valid()?, Moment::End)? {}
        let reading = self.desk.file.read_valid()?;
        let (done, total) = reading.plan.tally();
        let open = total - done;
        if open > 0 && !matches!(self.gate.by(), By::Person(_)) {
            let text = format!("every step is done, and {open} boxes outside the steps wait for a person");
            let failure = Failure::new(Exit::NeedsHuman, "needs-person", text)
                .help(format!(
                    "run `stepgate run {}` at a terminal to be asked",
                    shell_word(std::path::Path::new(self.desk.file.shown()))
                ))
                .help("or vouch for them beforehand with `--attest`, which is put on record");
            return Ok(Ending::NeedsHuman(failure));
        }
        Ok(Ending::Complete { open })
    }

    fn check_status(&mut self, reading: &Reading) -> Answer<()> {
        let status = reading
            .plan
            .header
            .status
            .as_ref()
            .map(|span| reading.source.slice(span));
        match reading.plan.status(&reading.source) {
            Status::Approved | Status::InProgress => Ok(()),
            Status::Completed if reading.plan.steps().all(|(_, step)| step.is_done()) => Ok(()),
            Status::Completed | Status::Early | Status::Unknown => {
                self.gate.status(status.unwrap_or_default())
            }
        }
    }

    fn tell_start(&mut self, reading: &Reading) {
        let (done, total) = reading.plan.tally();
        let id = reading.plan.id(&reading.source);
        self.listener.tell(&Event::Started {
            plan: self.desk.file.shown(),
            id: id.as_deref(),
            title: reading
                .plan
                .header
                .title
                .as_ref()
                .map(|span| reading.source.slice(span)),
            endpoint: self.desk.delivery.name(),
            done,
            total,
        });
    }

    fn tell_end(&mut self, ending: &Ending) -> Result<(), Failure> {
        let reading = self.desk.file.read()?;
        let (done, total) = reading.plan.tally();
        let progress = Progress::of(&reading.plan);
        let reason = match ending {
            Ending::NeedsHuman(failure) => Some(failure.to_string()),
            _ => None,
        };
        let batches = Account::of(self.desk.journal.entries(), None).batches;
        self.listener.tell(&Event::Ended {
            done,
            total,
            steps_done: progress.steps_done(),
            steps: reading.plan.steps().count(),
            complete: matches!(ending, Ending::Complete { .. }),
            exit: ending.exit().code(),
            reason: reason.as_deref(),
            spent: &self.spent,
            by_batch: Some(&batches).filter(|spent| spent.requests > 0),
        });
        Ok(())
    }

    /// Takes away what an earlier session of the plan could not: its files beside those that it wrote, and parts of replies that
    /// are on record. What it still cannot is left to the next one.
    fn sweep(&self) {
        let desk = &self.desk;
        // Of a reply whose end is not known a person is told; the part of any other is nobody's.
        let unknown = |step: &str| matches!(desk.memory(step).stage, Stage::Sent { .. });
        Partial::sweep(&desk.scratch, |step| {
            Number::parse(step).is_none() || unknown(step)
        });
        let mut seen = HashSet::new();
        let here = desk.root.name();
        for (entry, root) in with_root(desk.journal.entries()) {
            let (Record::ApplyIntent { files, .. } | Record::RollbackIntent(RollbackRecord { files, .. })) =
                &entry.record
            else {
                continue;
            };
            if root.is_some_and(|root| root != here) {
                continue;
            }
            for planned in files {
                if seen.insert(planned.path.folders().last()) {
                    let _ = tree::sweep(&desk.root, std::slice::from_ref(planned), &desk.session);
                }
            }
        }
    }

    /// Puts on record that a session begins.
    pub(super) fn begin(&mut self, mode: Mode, who: &Who) -> Answer<()> {
        if let Some(host) = who.elsewhere(&self.desk.journal) {
            self.gate.elsewhere(&host)?;
        }
        self.sweep();
        Ok(self.desk.record(who.begins(mode, &self.desk.root))?)
    }
}

fn is_done(reading: &Reading, id: Number) -> bool {
    reading.plan.step(id).is_some_and(|(_, step)| step.is_done())
}

fn join(waiting: &[Waiting]) -> String {
    let names: Vec<String> = waiting.iter().map(ToString::to_string).collect();
    names.join(", ")
}
