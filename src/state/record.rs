#![expect(
    missing_docs,
    reason = "the variants say what is recorded; the names of their fields say the rest"
)]

use serde::{Deserialize, Serialize};

use crate::llm::Usage;
use crate::plan::Address;
use crate::tree::Planned;
use crate::words::Digest;

/// What the journal records. Texts are kept as blobs, named by their digests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Record {
    /// A session begins.
    Session {
        pid: u32,
        host: String,
        boot: String,
        user: String,
        version: String,
        mode: Mode,
    },
    /// A prompt is about to be sent. `text` is the step's own text with all boxes open.
    Send {
        step: String,
        attempt: u32,
        text: Digest,
        prompt: Digest,
        endpoint: String,
        model: Option<String>,
    },
    /// The endpoint is asked again by itself: it may be billed.
    Retry {
        step: String,
        attempt: u32,
        request: u32,
        why: String,
    },
    /// A reply came, whole.
    Reply {
        step: String,
        attempt: u32,
        reply: Digest,
        model: Option<String>,
        usage: Option<Usage>,
        request_id: Option<String>,
    },
    /// No reply came that can be used; what came of it is kept, and never read for edits.
    NoReply {
        step: String,
        attempt: u32,
        why: String,
        partial: Option<Digest>,
    },
    /// A person works on the step without a request of ours.
    /// `prompt` was shown to be used with a tool of theirs.
    Unsent {
        step: String,
        attempt: u32,
        text: Digest,
        prompt: Option<Digest>,
    },
    /// A person changed the step's own text and goes on with it.
    Edited {
        step: String,
        attempt: u32,
        text: Digest,
    },
    /// A person vouches for what stepgate cannot see.
    Vouched {
        step: String,
        attempt: u32,
        by: By,
        external: Vec<String>,
    },
    /// These files are about to be written.
    ApplyIntent {
        step: String,
        attempt: u32,
        files: Vec<Planned>,
    },
    /// They are written.
    Applied { step: String, attempt: u32 },
    /// The tree is as it was: nothing was to be written, or a person said no and works by hand.
    NotApplied { step: String, attempt: u32, why: String },
    /// A check is about to run.
    CheckBegun {
        step: String,
        attempt: u32,
        script: Digest,
        how: How,
    },
    /// A check ended, or a person says that they verified.
    Checked {
        step: String,
        attempt: u32,
        check: CheckRecord,
    },
    /// Another attempt follows, with the failure in its prompt.
    Again {
        step: String,
        attempt: u32,
        note: Option<String>,
    },
    /// The step's boxes that were confirmed.
    Confirmed {
        step: String,
        attempt: u32,
        by: By,
        boxes: Vec<Address>,
    },
    /// These boxes are about to be ticked or unticked. `text` is the step's, where they are of one step.
    TickIntent {
        boxes: Vec<Address>,
        to: bool,
        text: Option<Digest>,
        by: By,
    },
    /// They are.
    Ticked { boxes: Vec<Address>, to: bool },
    /// A step is done.
    Done { step: String },
    /// A person gave the step to somebody else.
    Escalated {
        step: String,
        attempt: u32,
        reason: String,
    },
    /// These boxes stay open on purpose.
    Left { boxes: Vec<Address>, reason: String },
}

/// How a session is led.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// A person answers.
    Guided,
    /// Nobody is asked.
    Unattended,
    /// No session: boxes are ticked or unticked by a command.
    ByHand,
}

/// Who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// A person at the gate, by login name.
    Person(String),
    /// Nobody was asked: the checks passed.
    Unattended,
    /// Whoever started an unattended run said beforehand that they vouch for it.
    Attested(String),
}

/// How a check was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// stepgate ran all of it.
    All,
    /// stepgate ran these lines of it (from 1).
    Chosen(Vec<usize>),
    /// It ran in the person's terminal: the output is not kept.
    OwnTerminal,
    /// The person says that they verified.
    ByHand,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckRecord {
    /// The exact text that was shown and run; `None` where there was nothing to run.
    pub script: Option<Digest>,
    /// How it was made.
    pub how: How,
    /// Whether it passed.
    pub passed: bool,
    /// In words: `passed`, `exit 1 at line 3`, `timed out after 10 min`.
    pub outcome: String,
    /// Result and time of each command.
    pub commands: Vec<CommandRecord>,
    /// Output, head and tail.
    pub output: Option<Digest>,
    /// Milliseconds.
    pub took: u64,
}

/// One command of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CommandRecord {
    /// Its first line in the block, from 1.
    pub line: usize,
    /// Its text.
    pub text: String,
    /// Its exit status; `None` for one that did not run or did not end.
    pub status: Option<i32>,
    /// Milliseconds.
    pub took: u64,
}

impl Record {
    /// The step that the record is about, where it is about one.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Send { step, .. }
            | Self::Retry { step, .. }
            | Self::Reply { step, .. }
            | Self::NoReply { step, .. }
            | Self::Unsent { step, .. }
            | Self::Edited { step, .. }
            | Self::Vouched { step, .. }
            | Self::ApplyIntent { step, .. }
            | Self::Applied { step, .. }
            | Self::NotApplied { step, .. }
            | Self::CheckBegun { step, .. }
            | Self::Checked { step, .. }
            | Self::Again { step, .. }
            | Self::Confirmed { step, .. }
            | Self::Done { step }
            | Self::Escalated { step, .. } => Some(step),
            Self::TickIntent { boxes, .. } | Self::Ticked { boxes, .. } | Self::Left { boxes, .. } => {
                boxes.first().and_then(|address| address.list.step())
            }
            Self::Session { .. } => None,
        }
    }
}
