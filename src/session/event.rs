//! What a session tells while it works: one value for the terminal, for `--json` and for tests.
#![expect(
    missing_docs,
    reason = "the variants say what happened; the names of their fields say the rest"
)]

use serde::Serialize;

use super::budget::Spent;
use super::drift::Drift;
use super::file_change::FileChange;
use crate::llm::{Amount, Usage};
use crate::prompt::{LeftOut, Part};
use crate::state::{AgentRecord, CheckRecord};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event<'a> {
    /// The session begins, or goes on.
    Started {
        plan: &'a str,
        id: Option<&'a str>,
        title: Option<&'a str>,
        endpoint: &'a str,
        done: usize,
        total: usize,
    },
    /// A step is opened.
    Step {
        step: &'a str,
        title: &'a str,
        goal: Option<&'a str>,
        phase: &'a str,
        attempt: u32,
        resumed: Option<&'a str>,
    },
    /// A prompt is ready.
    Prompt {
        step: &'a str,
        attempt: u32,
        digest: &'a str,
        tokens: u64,
        /// Whether tokens are estimated.
        estimated: bool,
        parts: &'a [Part],
        /// Sections that did not fit.
        left_out: &'a [LeftOut],
        /// The tokens that it may have, where that is known.
        room: Option<u64>,
        /// What it costs without the reply, where nothing of it is read from a cache.
        cost: Option<&'a Amount>,
        /// What the session spent so far.
        spent: &'a Spent,
    },
    /// It is being sent.
    Sent {
        step: &'a str,
        attempt: u32,
        endpoint: &'a str,
        model: Option<&'a str>,
    },
    /// More of the reply.
    Text { text: &'a str },
    /// The endpoint is asked again by itself.
    Retry {
        step: &'a str,
        request: u32,
        wait: f64,
        why: &'a str,
    },
    /// The reply is whole.
    Replied {
        step: &'a str,
        attempt: u32,
        reply: &'a str,
        model: Option<&'a str>,
        usage: Option<Usage>,
        /// The tokens of the prompt as they were counted or estimated before it was sent.
        foreseen: Option<u64>,
        cost: Option<&'a Amount>,
        stored: bool,
    },
    /// An external agent runs.
    AgentStarted {
        step: &'a str,
        attempt: u32,
        endpoint: &'a str,
        command: &'a [String],
    },
    /// It ended.
    AgentEnded {
        step: &'a str,
        attempt: u32,
        agent: &'a AgentRecord,
    },
    /// The reply changes these files.
    Changes { step: &'a str, files: &'a [ChangedFile] },
    /// The person did not choose these of them.
    Declined {
        step: &'a str,
        files: &'a [&'a str],
        reason: Option<&'a str>,
    },
    /// They are written.
    Applied { step: &'a str, files: usize },
    /// A check runs.
    CheckStarted {
        step: &'a str,
        line: usize,
        script: &'a str,
    },
    /// More of its output.
    Output { text: &'a str },
    /// It ended.
    Checked {
        step: &'a str,
        attempt: u32,
        check: &'a CheckRecord,
    },
    /// The check of a finished step ran again. One in doubt holds where that very doubt was confirmed on record; `drift`
    /// is what changed where the step does not hold.
    Rechecked {
        step: &'a str,
        holds: bool,
        doubtful: bool,
        outcome: &'a str,
        drift: Option<&'a Drift>,
    },
    /// The boxes of a step were unticked.
    Unticked {
        step: &'a str,
        boxes: usize,
        done: usize,
        total: usize,
    },
    /// A finished step was committed.
    Committed {
        step: &'a str,
        commit: &'a str,
        files: &'a [String],
    },
    /// The plan alone was committed, with boxes that were ticked outside of steps: those of these lists.
    PlanCommitted {
        lists: &'a [String],
        commit: &'a str,
        files: &'a [String],
    },
    /// The step is tried again.
    Again { step: &'a str, attempt: u32 },
    /// Boxes were ticked.
    Ticked {
        place: &'a str,
        boxes: usize,
        done: usize,
        total: usize,
    },
    /// Boxes stay open on purpose.
    Left {
        place: &'a str,
        boxes: &'a [String],
        reason: &'a str,
    },
    /// What a step changed is put back, and its boxes are unticked.
    RolledBack {
        step: &'a str,
        files: usize,
        boxes: usize,
    },
    /// A step is done.
    Done { step: &'a str },
    /// A person gave the step to somebody else.
    Escalated {
        step: &'a str,
        reason: &'a str,
        file: &'a str,
    },
    /// Something worth knowing.
    Note { text: &'a str },
    /// The session could not go on; the exit code says why.
    Failed { exit: u8, message: &'a str },
    /// The session ends: `exit` is what the process returns, `reason` why it needs a person, where it does.
    Ended {
        done: usize,
        total: usize,
        steps_done: usize,
        steps: usize,
        complete: bool,
        exit: u8,
        reason: Option<&'a str>,
        /// What the session spent.
        spent: &'a Spent,
        /// What the replies to the plan cost that came by batch, where some did. It is in nobody's `spent`.
        #[serde(skip_serializing_if = "Option::is_none")]
        by_batch: Option<&'a Spent>,
    },
}

/// A file that a reply changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedFile {
    /// From the repository root.
    pub path: String,
    /// Lines that come.
    pub added: usize,
    /// Lines that go.
    pub removed: usize,
    /// Whether it does not exist yet.
    pub new: bool,
    /// What becomes of it.
    pub kind: FileChange,
    /// Its path before, where it is renamed.
    pub from: Option<String>,
    /// Whether the step names it.
    pub declared: bool,
    /// Whether the person edited what the reply makes of it.
    pub edited: bool,
}

/// Takes what a session tells.
pub trait Listener {
    /// Takes one event. A listener that cannot tell it (a closed pipe, a full disk) keeps that to itself until it is
    /// [asked](Self::broken).
    fn tell(&mut self, event: &Event<'_>);

    /// Tells something worth knowing.
    fn note(&mut self, text: &str) {
        self.tell(&Event::Note { text });
    }

    /// Ends what is being told, because somebody else speaks next: a text that comes in pieces may have ended inside a line.
    fn settle(&mut self) {}

    /// Why nothing can be told any more, where that is so: the session then stops at its next durable state.
    fn broken(&self) -> Option<std::io::ErrorKind> {
        None
    }
}
