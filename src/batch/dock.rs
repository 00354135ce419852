use std::path::Path;

use crate::crash;
use crate::export::{PlanEntry, StepEntry};
use crate::interrupt::Interrupt;
use crate::llm::{Amount, Reply, Usage};
use crate::plan::Number;
use crate::plan_file::{PlanFile, Reading};
use crate::session::{Found, Memory, Stage};
use crate::state::{Blobs, By, Entry, Holder, Journal, Lock, MadeAt, Record, StateDir, probe};
use crate::words::{Digest, Exit, Failure, printable_line, secrets};

/// Where plans are taken to be written to: nothing of a plan is touched while a session holds it.
pub struct Dock<'a> {
    /// Where their records are.
    pub state: &'a StateDir,
    /// Who holds them.
    pub holder: Holder,
    /// Between two plans, a signal ends it.
    pub interrupt: &'a Interrupt,
}

/// A plan that is held, with its record.
pub(super) struct Berth {
    file: PlanFile,
    pub(super) journal: Journal,
    pub(super) blobs: Blobs,
    _lock: Lock,
}

/// What a plan's steps are claimed for.
pub(super) struct Claim<'a> {
    pub(super) mark: &'a str,
    pub(super) endpoint: &'a str,
    pub(super) model: &'a str,
    /// In whose name things are vouched for that stepgate cannot see, where somebody does.
    pub(super) attested: Option<&'a str>,
    /// Where the prompts are kept.
    pub(super) prompts: &'a Path,
    /// When they were made.
    pub(super) made_at: Option<&'a MadeAt>,
}

/// An export whose requests somebody else's engine answered, as the records of steps name it.
pub(super) struct Foreign {
    pub(super) mark: String,
    pub(super) endpoint: String,
    pub(super) model: Option<String>,
    pub(super) made_at: MadeAt,
}

/// A reply that such an engine gave.
pub(super) struct Received<'a> {
    /// The step's own text, where it is still the one that was exported.
    pub(super) text: Option<String>,
    pub(super) prompt: &'a str,
    pub(super) reply: &'a Reply,
}

/// What a step's record says of its request in a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// It waits for the result.
    Yes,
    /// It has it; what that took.
    Answered(Usage),
    /// It does not wait for it any more.
    No,
}

impl Dock<'_> {
    /// Takes a plan. Fails with exit 10 while a session holds it.
    pub(super) fn moor(&self, real: &str) -> Result<Berth, Failure> {
        self.interrupt.check()?;
        let file = PlanFile::find(Path::new(real))?;
        let lock = Lock::take(self.state, &file, &self.holder)?;
        let folder = self.state.of_plan(&file)?;
        Ok(Berth {
            journal: Journal::open(&folder)?,
            blobs: Blobs::open(folder.join("blobs"))?,
            file,
            _lock: lock,
        })
    }

    /// Whether a plan could be taken now; why not. Nothing is made.
    pub fn probe(&self, file: &PlanFile) -> Result<(), Failure> {
        probe(self.state, file)
    }
}

impl Berth {
    /// Where the plan stands.
    pub(super) fn real(&self) -> String {
        self.file.real().to_string_lossy().into_owned()
    }

    /// The plan as it reads now.
    pub(super) fn read(&self) -> Result<Reading, Failure> {
        self.file.read_valid()
    }

    /// Puts on record that the steps of a plan are out. All of them are looked at first.
    ///
    /// Fails with exit 11 when one is no longer what was shown, or something else is under way of it; nothing is on record
    /// then.
    pub(super) fn claim(&mut self, entry: &PlanEntry, claim: &Claim<'_>) -> Result<(), Failure> {
        let reading = self.read()?;
        self.file.check_writable()?;
        let mut records = Vec::new();
        for step in &entry.steps {
            let found = find(&reading, &step.step).ok_or_else(|| changed(entry, step))?;
            let memory = self.memory(&step.step);
            let same = found.step.fingerprint(found.source) == step.text && memory.attempt == step.attempt;
            if !same || memory.hindrance(&found, claim.attested.is_some()).is_some() {
                return Err(changed(entry, step));
            }
            let external = found.external();
            if let Some(by) = claim
                .attested
                .filter(|_| !external.is_empty() && memory.vouched != external)
            {
                records.push(Record::Vouched {
                    step: step.step.clone(),
                    attempt: step.attempt,
                    by: By::Attested(by.to_owned()),
                    external,
                });
            }
            let text = found.step.unticked(found.source);
            records.push(Record::Send {
                step: step.step.clone(),
                attempt: step.attempt,
                text: self.blobs.put(&text)?,
                prompt: self.prompt(step, claim)?,
                made: None,
                endpoint: claim.endpoint.to_owned(),
                model: Some(claim.model.to_owned()),
                foreseen: None,
                batch: Some(claim.mark.to_owned()),
                made_at: claim.made_at.cloned(),
            });
        }
        records
            .into_iter()
            .try_for_each(|record| self.journal.add(record))
    }

    pub(super) fn prompt(&self, step: &StepEntry, claim: &Claim<'_>) -> Result<Digest, Failure> {
        let path = claim.prompts.join(step.prompt.as_str());
        let text = std::fs::read_to_string(&path).map_err(|error| Failure::io("read", &path, &error))?;
        self.blobs.put(&text)
    }

    /// Puts on record that nothing comes of a step's request, where the step still waits for it.
    pub(super) fn free(&mut self, step: &StepEntry, mark: &str, why: &str) -> Result<(), Failure> {
        if self.awaited(step, mark) != Awaited::Yes {
            return Ok(());
        }
        self.no_reply(step, why.to_owned(), None)
    }

    /// Puts on record that nothing comes of any request of the plan in a submission, where its step still waits for it.
    pub(super) fn free_all(&mut self, mark: &str, why: &str) -> Result<(), Failure> {
        for (step, attempt) in waiting(self.journal.entries(), mark) {
            self.journal.add(Record::NoReply {
                step,
                attempt,
                why: why.to_owned(),
                refused: None,
                partial: None,
                usage: None,
                cost: None,
            })?;
        }
        Ok(())
    }

    /// Whether a step waits for its result in a submission.
    pub(super) fn awaited(&self, step: &StepEntry, mark: &str) -> Awaited {
        let memory = self.memory(&step.step);
        match memory.stage {
            Stage::Out { batch } if batch == mark && memory.attempt == step.attempt => Awaited::Yes,
            _ => match answered(self.journal.entries(), &step.step, mark) {
                Some(usage) => Awaited::Answered(usage),
                None => Awaited::No,
            },
        }
    }

    /// Keeps a reply that can be used, and what it cost where that is known.
    pub(super) fn reply(
        &mut self,
        step: &StepEntry,
        reply: &Reply,
        cost: Option<Amount>,
    ) -> Result<(), Failure> {
        let line = |text: &Option<String>| {
            text.as_deref()
                .map(|text| printable_line(&secrets::redact(text)).into_owned())
        };
        let record = Record::Reply {
            step: step.step.clone(),
            attempt: step.attempt,
            reply: self.blobs.put(&reply.text)?,
            model: line(&reply.model),
            usage: reply.usage,
            cost,
            request_id: line(&reply.request_id),
        };
        self.journal.add(record)
    }

    /// Puts on record why there is no reply that can be used; what came of one is kept, and what it cost.
    pub(super) fn no_reply(
        &mut self,
        step: &StepEntry,
        why: String,
        came: Option<(&Reply, Option<Amount>)>,
    ) -> Result<(), Failure> {
        let (reply, cost) = came.unzip();
        let partial = reply.map(|reply| self.blobs.put(&reply.text)).transpose()?;
        self.journal.add(Record::NoReply {
            step: step.step.clone(),
            attempt: step.attempt,
            // As in a session: the model is told of a reply of its own that was no use.
            refused: partial.is_some().then(|| why.clone()),
            why,
            partial,
            usage: reply.and_then(|reply| reply.usage),
            cost: cost.flatten(),
        })
    }

    /// Puts on record that a result cannot be read, with all of it. It is no reply that a model could be told of.
    pub(super) fn unreadable(&mut self, step: &StepEntry, why: String, line: &str) -> Result<(), Failure> {
        let partial = Some(self.blobs.put(line)?);
        self.journal.add(Record::NoReply {
            step: step.step.clone(),
            attempt: step.attempt,
            refused: None,
            why,
            partial,
            usage: None,
            cost: None,
        })
    }

    pub(super) fn memory(&self, step: &str) -> Memory {
        Memory::of(step, self.journal.entries())
    }

    /// Whether a reply to a step's request in an export is on record, whatever became of it.
    pub(super) fn has_reply(&self, step: &StepEntry, mark: &str) -> bool {
        answered(self.journal.entries(), &step.step, mark).is_some()
    }

    /// Keeps a reply that an engine gave which stepgate did not ask, with the prompt that it answers. A crash between the
    /// two records leaves the step waiting for this very reply.
    pub(super) fn receive(
        &mut self,
        step: &StepEntry,
        foreign: &Foreign,
        received: &Received<'_>,
    ) -> Result<(), Failure> {
        if self.awaited(step, &foreign.mark) != Awaited::Yes {
            let text = received
                .text
                .as_deref()
                .map(|text| self.blobs.put_exact(text.as_bytes()));
            self.journal.add(Record::Send {
                step: step.step.clone(),
                attempt: step.attempt,
                // Of a text that is no longer in the plan only the digest is known.
                text: text.transpose()?.unwrap_or_else(|| step.text.clone()),
                prompt: self.blobs.put(received.prompt)?,
                made: None,
                endpoint: foreign.endpoint.clone(),
                model: foreign.model.clone(),
                foreseen: None,
                batch: Some(foreign.mark.clone()),
                made_at: Some(foreign.made_at.clone()),
            })?;
        }
        crash::point();
        // What an engine of one's own costs, nobody says.
        self.reply(step, received.reply, None)
    }
}

/// A step in a reading of its plan.
pub(super) fn find<'a>(reading: &'a Reading, id: &str) -> Option<Found<'a>> {
    let (phase, step) = reading.plan.step(Number::parse(id)?)?;
    Some(Found {
        source: &reading.source,
        plan: &reading.plan,
        phase,
        step,
    })
}

/// The steps that wait for their results in a submission by the record of their plan, each with its attempt.
pub(super) fn waiting(entries: &[Entry], mark: &str) -> Vec<(String, u32)> {
    let mut sent: Vec<&String> = Vec::new();
    for entry in entries {
        match &entry.record {
            Record::Send {
                step,
                batch: Some(batch),
                ..
            } if batch == mark && !sent.contains(&step) => sent.push(step),
            _ => {}
        }
    }
    let waits = |step: &String| {
        let memory = Memory::of(step, entries);
        let out = matches!(&memory.stage, Stage::Out { batch } if batch == mark);
        out.then(|| (step.clone(), memory.attempt))
    };
    sent.into_iter().filter_map(waits).collect()
}

/// What came of a step's request in a submission took, where the record has it.
fn answered(entries: &[Entry], step: &str, mark: &str) -> Option<Usage> {
    let sent = entries.iter().rposition(|entry| {
        matches!(&entry.record, Record::Send { step: sent, batch: Some(batch), .. } if sent == step && batch == mark)
    });
    entries[sent?..].iter().find_map(|entry| match &entry.record {
        Record::Reply { step: of, usage, .. } | Record::NoReply { step: of, usage, .. } if of == step => {
            Some(usage.unwrap_or_default())
        }
        _ => None,
    })
}

fn changed(plan: &PlanEntry, step: &StepEntry) -> Failure {
    let text = format!(
        "step {} of `{}` is no longer what was shown: it was changed or worked on meanwhile",
        step.step,
        printable_line(&plan.path)
    );
    Failure::new(Exit::Changed, "step-changed", text)
        .help("nothing was submitted: submit again to see what would be sent now")
}
