//! Why is this box ticked? What the record says of each box, and of the work behind those of a step.

use serde::Serialize;

use crate::plan::{Address, List};
use crate::plan_file::Reading;
use crate::state::{By, CheckRecord, Entry, Mode, Record};
use crate::tree::Witness;
use crate::words::Digest;

/// How a box comes to be as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoxState {
    /// It is not ticked.
    Open,
    /// A person confirmed it in a session.
    Confirmed,
    /// Nobody was asked: the step's check passed.
    Unattended,
    /// Whoever started an unattended run vouched for it beforehand.
    Attested,
    /// A person ticked it with the command for that; no check stands behind it.
    ByHand,
    /// It was ticked outside of stepgate: nothing is on record.
    Outside,
}

/// Why a box is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoxEvidence {
    /// Its list, and its place in it.
    #[serde(flatten)]
    pub address: Address,
    /// Its line in the plan, from 1.
    pub line: usize,
    /// How it comes to be so.
    pub state: BoxState,
    /// Who said so, by login name, where somebody did.
    pub by: Option<String>,
    /// When it was ticked, by the clock of the machine.
    pub at: Option<String>,
    /// Why it stays open, where that was said.
    pub left: Option<String>,
    /// The number of the record that announced the tick.
    #[serde(skip)]
    record: Option<u64>,
}

/// The work behind the boxes of a step that a session ticked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepEvidence {
    /// Its id.
    pub step: String,
    /// Number of the attempt that was confirmed, from 1.
    pub attempt: u32,
    /// The prompt that was sent or handed over; `None` where the person worked without one.
    pub prompt: Option<Digest>,
    /// Where it was sent, and when; `None` where it was not.
    pub endpoint: Option<String>,
    /// When.
    pub sent: Option<String>,
    /// The model: as the reply names it, else as it was asked for.
    pub model: Option<String>,
    /// What came back.
    pub reply: Option<Digest>,
    /// The external agent that was given the prompt, where one was.
    pub agent: Option<AgentEvidence>,
    /// The files that were written for it, from the root.
    pub files: Vec<String>,
    /// The check that was confirmed.
    pub check: Option<CheckEvidence>,
    /// What came of the check when it ran once more, later.
    pub rechecked: Option<RecheckEvidence>,
    /// The commit of the step.
    pub commit: Option<String>,
}

/// An external agent that worked on a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentEvidence {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Its exit code; `None` where it was ended, or how it ended is not known.
    pub exit: Option<i32>,
    /// How it ended, in words; `None` where the session ended first.
    pub outcome: Option<String>,
    /// What it printed.
    pub output: Option<Digest>,
    /// What it changed of the tree and a person, or nobody, let stay.
    pub diff: Option<Digest>,
}

/// A check that passed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckEvidence {
    /// When it ended, by the clock of the machine.
    pub at: String,
    /// What came of it.
    #[serde(flatten)]
    pub check: CheckRecord,
    /// What it passed on; older records have none.
    pub tree: Option<Witness>,
}

/// A check that ran once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecheckEvidence {
    /// When.
    pub at: String,
    /// Whether it still held: its check passed, and what that was in doubt of was confirmed.
    pub passed: bool,
    /// Whether its check was in doubt.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
    /// In words.
    pub outcome: String,
}

/// What is on record of the boxes of these lists, in their order. The plan says whether a box is ticked.
pub fn boxes(reading: &Reading, entries: &[Entry], lists: &[List]) -> Vec<BoxEvidence> {
    let (plan, source) = (&reading.plan, &reading.source);
    let mut all = Vec::new();
    for list in lists {
        let found = list.boxes(plan, source);
        for (address, checkbox) in list.addresses(plan, source, |_, _| true).into_iter().zip(found) {
            let line = source.line(checkbox.offset);
            all.push(of_box(address, (line, checkbox.done), reading, entries));
        }
    }
    all
}

fn of_box(
    address: Address,
    (line, done): (usize, bool),
    reading: &Reading,
    entries: &[Entry],
) -> BoxEvidence {
    let (plan, source) = (&reading.plan, &reading.source);
    let mut evidence = BoxEvidence {
        line,
        state: if done { BoxState::Outside } else { BoxState::Open },
        by: None,
        at: None,
        left: None,
        record: None,
        address,
    };
    let here = evidence
        .address
        .find(plan, source)
        .map(|checkbox| checkbox.offset);
    let holds = |boxes: &[Address]| {
        boxes.iter().any(|said| {
            said == &evidence.address
                || said.list == evidence.address.list
                    && said.text == evidence.address.text
                    && said.find(plan, source).map(|checkbox| checkbox.offset) == here
        })
    };
    let mut mode = Mode::Guided;
    let mut said: Option<(&By, Mode, u64)> = None;
    let mut ticked: Option<(&By, Mode, u64, &str)> = None;
    let mut left = None;
    for entry in entries {
        match &entry.record {
            Record::Session { mode: now, .. } => mode = *now,
            Record::TickIntent { by, .. } => said = Some((by, mode, entry.number)),
            Record::Ticked { boxes, to, .. } if holds(boxes) => {
                left = None;
                ticked = said
                    .filter(|_| *to)
                    .map(|(by, mode, number)| (by, mode, number, entry.at.as_str()));
            }
            Record::Left { boxes, reason } if holds(boxes) => left = Some(reason.clone()),
            _ => {}
        }
    }
    if !done {
        evidence.left = left;
        return evidence;
    }
    if let Some((by, mode, number, at)) = ticked {
        evidence.at = Some(at.to_owned());
        evidence.record = Some(number);
        (evidence.state, evidence.by) = match (by, mode) {
            (By::Person(user), Mode::ByHand) => (BoxState::ByHand, Some(user.clone())),
            (By::Person(user), _) => (BoxState::Confirmed, Some(user.clone())),
            (By::Attested(user), _) => (BoxState::Attested, Some(user.clone())),
            (By::Unattended, _) => (BoxState::Unattended, None),
        };
    }
    evidence
}

/// The work behind a step's boxes. `None` where no session ticked any of those that are ticked now.
pub fn of_step(step: &str, boxes: &[BoxEvidence], entries: &[Entry]) -> Option<StepEvidence> {
    let ticked = boxes
        .iter()
        .filter(|evidence| evidence.address.list.step() == Some(step))
        .filter(|evidence| evidence.state != BoxState::ByHand)
        .filter_map(|evidence| evidence.record)
        .max()?;
    let of_step = || entries.iter().filter(|entry| entry.record.step() == Some(step));
    let before = || of_step().rev().filter(|entry| entry.number < ticked);
    let (attempt, check) = before().find_map(|entry| match &entry.record {
        Record::Checked {
            attempt, check, tree, ..
        } => Some((
            *attempt,
            CheckEvidence {
                at: entry.at.clone(),
                check: check.clone(),
                tree: tree.clone(),
            },
        )),
        _ => None,
    })?;
    let mut evidence = StepEvidence {
        step: step.to_owned(),
        attempt,
        prompt: None,
        endpoint: None,
        sent: None,
        model: None,
        reply: None,
        agent: None,
        files: super::step_files::written(step, entries)
            .into_iter()
            .map(String::from)
            .collect(),
        check: Some(check),
        rechecked: None,
        commit: None,
    };
    evidence.files.dedup();
    for entry in of_step() {
        evidence.take(entry, ticked);
    }
    Some(evidence)
}

impl StepEvidence {
    fn take(&mut self, entry: &Entry, ticked: u64) {
        match &entry.record {
            Record::Send {
                attempt,
                prompt,
                endpoint,
                model,
                ..
            } if *attempt == self.attempt => {
                self.prompt = Some(prompt.clone());
                self.endpoint = Some(endpoint.clone());
                self.sent = Some(entry.at.clone());
                self.model.clone_from(model);
                (self.reply, self.agent) = (None, None);
            }
            Record::AgentBegun {
                attempt,
                prompt,
                delegation,
                ..
            } if *attempt == self.attempt => {
                self.prompt = Some(prompt.clone());
                self.endpoint = Some(delegation.endpoint.clone());
                self.sent = Some(entry.at.clone());
                (self.model, self.reply) = (None, None);
                self.agent = Some(AgentEvidence {
                    command: delegation.command.clone(),
                    exit: None,
                    outcome: None,
                    output: None,
                    diff: None,
                });
            }
            Record::AgentEnded {
                attempt,
                agent: ended,
                ..
            } if *attempt == self.attempt => {
                if let Some(agent) = &mut self.agent {
                    agent.exit = ended.exit;
                    agent.outcome = Some(ended.outcome.clone());
                    agent.output.clone_from(&ended.output);
                    agent.diff.clone_from(&ended.diff);
                }
            }
            Record::Made {
                attempt, files, diff, ..
            } if *attempt == self.attempt => {
                if let Some(agent) = &mut self.agent
                    && (diff.is_some() || files.is_empty())
                {
                    agent.diff.clone_from(diff);
                }
            }
            Record::Reply {
                attempt,
                reply,
                model,
                ..
            } if *attempt == self.attempt => {
                self.reply = Some(reply.clone());
                self.model = model.clone().or_else(|| self.model.take());
            }
            // The person went on without the model, or with one of their own.
            Record::Unsent { attempt, prompt, .. } if *attempt == self.attempt => {
                self.prompt.clone_from(prompt);
                (self.endpoint, self.sent, self.model, self.reply) = (None, None, None, None);
                self.agent = None;
            }
            Record::Rechecked { check, confirmed, .. } if entry.number > ticked => {
                self.rechecked = Some(RecheckEvidence {
                    at: entry.at.clone(),
                    passed: check.is_certain() || *confirmed,
                    doubtful: check.passed && !check.is_certain(),
                    outcome: check.outcome.clone(),
                });
            }
            Record::Committed { commit, .. } if entry.number > ticked => self.commit = Some(commit.clone()),
            _ => {}
        }
    }
}
