//! The end of a proposal: what is left to be asked, the prompt that closes the plan, and the move of its documents.

use std::collections::BTreeMap;
use std::path::Path;

use super::acceptance::is_accepted;
use super::apply_question::{ApplyQuestion, ApplyVerdict};
use super::asking;
use super::check_blocks::{blocks, whole};
use super::check_question::{CheckQuestion, CheckVerdict, not_runnable};
use super::checkup::Run;
use super::drive::Ending;
use super::event::Event;
use super::gate::{Answer, ListQuestion, Moment, Stop};
use super::session::{Session, Who};
use super::stage::Stage;
use super::subject::{FINAL, Subject};
use super::turn::Turn;
use super::{closing_prompt, lists, ticking};
use crate::config::RepositorySettings;
use crate::lint;
use crate::moving::{Mover, Shift, Wanted, relocate};
use crate::plan::{Address, List, Plan, Step};
use crate::plan_file::Reading;
use crate::proposal::Stage as Shelf;
use crate::session::desk::Delivery;
use crate::state::{By, Mode, MoveKind, Movement, Record};
use crate::words::{Digest, Exit, Failure, Source, shell_word};

/// How a proposal is closed.
pub struct Closing<'a> {
    /// What moves the documents of the repository.
    pub mover: &'a mut Mover,
    /// What the repository says of itself.
    pub settings: &'a RepositorySettings,
    /// What a user says of columns of the registry.
    pub cells: &'a BTreeMap<String, String>,
    /// The day.
    pub today: &'a str,
    /// Whether the checks of all steps are run again.
    pub recheck: bool,
    /// Whether the prompt that closes the plan is left out.
    pub skip_prompt: bool,
}

/// How it ended, where nothing failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// The proposal is closed: its plan stands here now, from the root.
    Done(String),
    /// It is not; how the session ended.
    Not(Ending),
}

impl Session<'_> {
    /// Closes a proposal whose steps are done: asks for what is left, sends the final prompt, and moves the documents.
    ///
    /// Fails with exit 4 while a step is open, with 5 where a person is needed, and as [`relocate`] and
    /// [`Mover::carry_out`] do. Until the documents move, and where that fails, nothing but boxes has changed.
    pub fn close(mut self, mode: Mode, who: &Who, mut closing: Closing<'_>) -> Result<Ended, Failure> {
        match self.closed(mode, who, &mut closing) {
            Ok(finished) => Ok(finished),
            Err(Stop::Quit) => Ok(Ended::Not(Ending::Left)),
            Err(Stop::Interrupted(signal)) => Ok(Ended::Not(Ending::Interrupted(signal))),
            Err(Stop::Failure(failure)) => Err(failure),
        }
    }

    fn closed(&mut self, mode: Mode, who: &Who, closing: &mut Closing<'_>) -> Answer<Ended> {
        self.begin(mode, who)?;
        ticking::finish_pending(self)?;
        let reading = self.desk.file.read_valid()?;
        steps_done(&reading)?;
        self.desk.file.check_writable()?;
        // Before anything is asked or sent: what cannot be moved is told at once.
        self.relocation(closing, &reading, &[])?;
        if closing.recheck {
            self.recheck(&reading)?;
        }
        loop {
            self.desk.pause(self.listener)?;
            let reading = self.desk.file.read_valid()?;
            if !lists::close_phase(self, &reading)? && !lists::ask(self, &reading, Moment::End)? {
                break;
            }
        }
        let reading = self.desk.file.read_valid()?;
        steps_done(&reading)?;
        let ticks = self.of_the_move(&reading)?;
        self.check_open(&reading, &ticks)?;
        if !closing.skip_prompt {
            self.final_prompt()?;
        }
        self.shift(closing, &ticks)
    }

    fn relocation(
        &self,
        closing: &Closing<'_>,
        reading: &Reading,
        ticks: &[Address],
    ) -> Result<crate::moving::Relocation, Failure> {
        relocate(&Wanted {
            root: closing.mover.root(),
            settings: closing.settings,
            file: &self.desk.file,
            reading,
            stage: Shelf::Implemented,
            status: "Completed",
            all: false,
            today: closing.today,
            ticks,
            cells: closing.cells,
        })
    }

    /// Runs the check of every step again that can be run; what no longer holds keeps the proposal open.
    fn recheck(&mut self, reading: &Reading) -> Answer<()> {
        let mut failed = Vec::new();
        let mut in_doubt = Vec::new();
        for (_, step) in reading.plan.steps().filter(|(_, step)| step.is_done()) {
            let id = step.id.to_string();
            let blocks = blocks(step, &reading.source)?;
            if let Some(why) = not_runnable(&blocks) {
                self.listener
                    .note(&format!("step {id} is not checked again: {why}"));
                continue;
            }
            let subject = Subject {
                step: id.clone(),
                title: reading.source.slice(&step.title).to_owned(),
                attempt: 1,
            };
            let folder = self.desk.root.path().display().to_string();
            let verdict = self.gate.check(&CheckQuestion {
                subject: &subject,
                blocks: &blocks,
                folder: &folder,
                cut_off: false,
                by_hand: true,
            })?;
            if verdict == CheckVerdict::ByHand {
                continue;
            }
            let run = Run {
                step: &id,
                blocks: &blocks,
                chosen: verdict.chosen(),
                own: verdict == CheckVerdict::OwnTerminal,
            };
            let results = run.all(&self.desk.bench(), self.listener)?;
            if let Some(signal) = results.interrupted {
                return Err(Stop::Interrupted(signal));
            }
            let digest = Digest::of(whole(&blocks));
            let check = results.record(digest, verdict.how(&blocks), None);
            let of = format!("step {id} ({})", check.outcome);
            if !check.passed {
                failed.push(of);
            } else if !check.is_certain() && !is_accepted(&id, &check, self.desk.journal.entries()) {
                in_doubt.push(of);
            }
        }
        let (exit, rule, text) = match (failed.as_slice(), in_doubt.as_slice()) {
            ([], []) => return Ok(()),
            ([], doubts) => {
                let text = format!("checks that passed once are in doubt: {}", doubts.join(", "));
                (Exit::NeedsHuman, "check-in-doubt", text)
            }
            (failed, _) => {
                let text = format!("checks that passed once no longer do: {}", failed.join(", "));
                (Exit::NotPassed, "check-failed", text)
            }
        };
        Err(Failure::new(exit, rule, text)
            .help(format!(
                "`stepgate untick {} STEP` opens a step again; nothing was moved",
                shell_word(Path::new(self.desk.file.shown()))
            ))
            .into())
    }

    /// Asks for the boxes of a step that is itself about this move, and of its phase. They are ticked in the file that
    /// moved: until then they are not true.
    fn of_the_move(&mut self, reading: &Reading) -> Answer<Vec<Address>> {
        let mut agreed = Vec::new();
        for (heading, open) in boxes_of_the_move(&reading.plan, &reading.source) {
            let texts: Vec<String> = open.iter().map(|address| address.text.clone()).collect();
            let picks = self.gate.list(&ListQuestion {
                heading: &heading,
                boxes: &texts,
                moment: Moment::End,
            })?;
            let (yes, no): (Vec<_>, Vec<_>) = open.into_iter().zip(&picks.ticked).partition(|(_, yes)| **yes);
            agreed.extend(yes.into_iter().map(|(address, _)| address));
            let left = no.into_iter().map(|(address, _)| address).collect();
            let reason = picks.reason.as_deref().unwrap_or("not said");
            lists::leave(self, &heading.join(" › "), left, reason)?;
        }
        Ok(agreed)
    }

    /// Nobody may close a proposal in the name of a person who was not asked.
    fn check_open(&self, reading: &Reading, ticks: &[Address]) -> Answer<()> {
        let (done, total) = reading.plan.tally();
        let open = total - done - ticks.len();
        if open == 0 || matches!(self.gate.by(), By::Person(_)) {
            return Ok(());
        }
        let text = format!("{open} boxes outside the steps wait for a person");
        Err(Failure::new(Exit::NeedsHuman, "needs-person", text)
            .help("run `stepgate finish` at a terminal to be asked")
            .help("or vouch for them beforehand with `--attest`, which is put on record")
            .into())
    }

    /// Sends the plan's Final AI Prompt, or gives it to the person; once, also where a crash comes between.
    fn final_prompt(&mut self) -> Answer<()> {
        let reading = self.desk.file.read_valid()?;
        if reading.plan.final_prompt.is_none() {
            self.listener.note("the plan has no Final AI Prompt");
            return Ok(());
        }
        let sends = matches!(self.desk.delivery, Delivery::Endpoint(_));
        if !sends && !matches!(self.gate.by(), By::Person(_)) {
            let name = self.desk.delivery.name();
            let text = format!("the final prompt is not sent: the endpoint is `{name}`, and nobody is asked");
            self.listener.note(&text);
            return Ok(());
        }
        loop {
            self.desk.pause(self.listener)?;
            let memory = self.desk.memory(FINAL);
            let stage = memory.stage.clone();
            let mut turn = Turn {
                session: &mut *self,
                step: FINAL,
                memory,
                reading: &reading,
            };
            match stage {
                Stage::Fresh => {
                    let prompt = closing_prompt::prompt(&turn)?;
                    asking::ask_final(&mut turn, prompt)?;
                }
                Stage::Sent { endpoint, at } => asking::lost(&mut turn, &endpoint, &at)?,
                Stage::Replied { reply } => {
                    if self.shown.as_ref() != Some(&reply) {
                        let text = self.desk.kept(&reply).unwrap_or_default();
                        self.listener.tell(&Event::Text { text: &text });
                        self.listener.tell(&Event::Replied {
                            step: FINAL,
                            attempt: 1,
                            reply: reply.as_str(),
                            model: None,
                            usage: None,
                            foreseen: None,
                            cost: None,
                            stored: true,
                        });
                    }
                    return Ok(());
                }
                _ => return Ok(()),
            }
        }
    }

    /// Shows everything that changes, and changes it on consent, all or nothing.
    fn shift(&mut self, closing: &mut Closing<'_>, ticks: &[Address]) -> Answer<Ended> {
        let reading = self.desk.file.read_valid()?;
        let relocation = self.relocation(closing, &reading, ticks)?;
        for note in &relocation.notes {
            self.listener.note(note);
        }
        let subject = Subject {
            step: FINAL.to_owned(),
            title: "the documents of the proposal".to_owned(),
            attempt: 1,
        };
        loop {
            let verdict = self.gate.apply(&ApplyQuestion {
                subject: &subject,
                changes: &relocation.changes,
                again: false,
            })?;
            match verdict {
                ApplyVerdict::Apply => break,
                ApplyVerdict::ByHand => return Ok(Ended::Not(Ending::Left)),
                ApplyVerdict::Chosen { files, .. } if files.iter().all(|chosen| *chosen) => break,
                ApplyVerdict::Chosen { .. } | ApplyVerdict::Edited { .. } => {
                    self.listener
                        .note("these files change as they are shown, all of them or none");
                }
            }
        }
        self.desk.pause(self.listener)?;
        let plan = relocation.plan.clone();
        closing.mover.carry_out(&Shift {
            kind: MoveKind::Finish,
            plan: Some(relocation.plan),
            changes: relocation.changes,
            moves: relocation.moves,
        })?;
        // The plan's own journal went along. All is done: that this is not on record there harms nobody.
        let to = plan.1.clone();
        let _ = self.desk.record(Record::Move(Movement::Done {
            kind: MoveKind::Finish,
            plan: Some(plan),
        }));
        let _ = self.desk.record(Record::Done {
            step: FINAL.to_owned(),
        });
        Ok(Ended::Done(to))
    }
}

/// The lists of open boxes that are about the move itself, each with its headings: those of steps that move their own
/// plan, and the completion criteria of phases that wait for nothing but such a step.
pub fn boxes_of_the_move(plan: &Plan, source: &Source) -> Vec<(Vec<String>, Vec<Address>)> {
    let mut found = Vec::new();
    let moves = |step: &Step| lint::move_of_plan(step, source).is_some();
    for phase in &plan.phases {
        let mut waits = false;
        for step in phase.steps.iter().filter(|step| !step.is_done() && moves(step)) {
            waits = true;
            let id = step.id.to_string();
            let heading = vec![format!("Step {id}: {}", source.slice(&step.title))];
            let lists = [List::Criteria(id.clone()), List::Tasks(id)];
            let open: Vec<Address> = lists
                .iter()
                .flat_map(|list| list.addresses(plan, source, |_, checkbox| !checkbox.done))
                .collect();
            found.push((heading, open));
        }
        let list = List::Completion(phase.number.to_string());
        let open = list.addresses(plan, source, |_, checkbox| !checkbox.done);
        if waits && !open.is_empty() {
            let title = format!("Phase {}: {}", phase.number, source.slice(&phase.title));
            found.push((vec![title, "Completion Criteria".to_owned()], open));
        }
    }
    found
}

/// Refuses a plan with a step that is open and not about the move.
pub fn steps_done(reading: &Reading) -> Result<(), Failure> {
    let source = &reading.source;
    let mut open = reading
        .plan
        .steps()
        .map(|(_, step)| step)
        .filter(|step| !step.is_done() && lint::move_of_plan(step, source).is_none());
    let Some(first) = open.next() else { return Ok(()) };
    let more = open.count();
    let rest = if more > 0 {
        format!(", and {more} more steps are not")
    } else {
        String::new()
    };
    let text = format!(
        "step {} is not done{rest}: the proposal cannot be closed",
        first.id
    );
    let place = source.place(&first.heading);
    let help = format!(
        "`stepgate run {}` goes on with it",
        shell_word(Path::new(&place.path))
    );
    Err(Failure::new(Exit::NotPassed, "steps-open", text)
        .at(place)
        .help(help))
}
