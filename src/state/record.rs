#![expect(
    missing_docs,
    reason = "the variants say what is recorded; the names of their fields say the rest"
)]

use serde::{Deserialize, Serialize};

use super::{
    AgentRecord, By, CheckRecord, Declined, Delegation, Filling, Foreseen, How, MadeAt, Mode, Movement,
    PlanCommit, RollbackRecord,
};
use crate::llm::{Amount, Usage};
use crate::plan::Address;
use crate::tree::{Beyond, Planned, RelativePath, Snapshot, Witness};
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
        /// Where the paths of what follows begin.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        root: Option<String>,
    },
    /// A prompt is about to be sent. `text` is the step's own text with all boxes open.
    Send {
        step: String,
        attempt: u32,
        text: Digest,
        prompt: Digest,
        endpoint: String,
        model: Option<String>,
        /// The prompt as it was made, where a person edited it before it was sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<Digest>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        batch: Option<String>,
        /// When the prompt was made, where that was not right before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made_at: Option<MadeAt>,
        /// Its size and price, as they were foreseen.
        #[serde(default)]
        foreseen: Option<Foreseen>,
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
        /// What prompt and reply cost.
        #[serde(default)]
        cost: Option<Amount>,
    },
    /// No reply came that can be used; what came of it is kept, and never read for edits.
    NoReply {
        step: String,
        attempt: u32,
        why: String,
        partial: Option<Digest>,
        /// What is told of it in the next prompt; `None` where no model could do better.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
        /// Tokens, where the reply came and could not be used.
        #[serde(default)]
        usage: Option<Usage>,
        /// What that cost, where it is known.
        #[serde(default)]
        cost: Option<Amount>,
    },
    /// The stored reply is used although its prompt would be another one now: `diff` says how.
    Upheld {
        step: String,
        attempt: u32,
        by: By,
        diff: Digest,
    },
    /// A person edited what a reply makes of a file; `content` is what they made of it.
    Amended {
        step: String,
        attempt: u32,
        path: RelativePath,
        content: Digest,
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
    /// What the tree held before the step changed anything.
    Snapshot {
        step: String,
        attempt: u32,
        snapshot: Snapshot,
    },
    /// An external agent is about to be run. `text` is the step's own text with all boxes open.
    AgentBegun {
        step: String,
        attempt: u32,
        text: Digest,
        prompt: Digest,
        delegation: Delegation,
    },
    /// It ended; what it did to the tree is not agreed to yet.
    AgentEnded {
        step: String,
        attempt: u32,
        agent: AgentRecord,
        /// What it did, so that it can be told from what came later.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        files: Option<Vec<Planned>>,
        /// What it did and cannot be put back.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        beyond: Vec<Beyond>,
        /// Folders that it made.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        folders: Vec<RelativePath>,
    },
    /// These files, which it changed, are about to be put back.
    AgentPutBack {
        step: String,
        attempt: u32,
        by: By,
        files: Vec<String>,
    },
    /// An agent that was started for the step changed these files: they are written, and a person has seen it.
    Made {
        step: String,
        attempt: u32,
        files: Vec<Planned>,
        /// What it changed and cannot be put back.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        beyond: Vec<Beyond>,
        /// Folders that it made.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        folders: Vec<RelativePath>,
        /// The difference that was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        diff: Option<Digest>,
    },
    /// What the step changed is about to be put back; its boxes are unticked then.
    RollbackIntent(RollbackRecord),
    /// It is put back, and the step begins anew. What could not be is `stuck`.
    RolledBack {
        step: String,
        attempt: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stuck: Vec<RelativePath>,
    },
    /// What was about to be put back is not: no file was touched, and it is not to be done later unasked.
    RollbackWithdrawn { step: String, attempt: u32, why: String },
    /// These files are about to be written.
    ApplyIntent {
        step: String,
        attempt: u32,
        files: Vec<Planned>,
        /// The difference that was shown and agreed to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        diff: Option<Digest>,
        /// Files of the reply that a person did not choose, and why.
        #[serde(default, skip_serializing_if = "Declined::is_empty")]
        declined: Declined,
    },
    /// They are written.
    Applied {
        step: String,
        attempt: u32,
        /// The difference that was agreed to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        diff: Option<Digest>,
    },
    /// What was about to be written is not: every file is as it was, or as somebody else made it meanwhile.
    Unwritten { step: String, attempt: u32, why: String },
    /// The tree is as it was: nothing was to be written, or a person said no and works by hand.
    NotApplied {
        step: String,
        attempt: u32,
        why: String,
        /// Files of the reply that were not written.
        #[serde(default, skip_serializing_if = "Declined::is_empty")]
        declined: Declined,
    },
    /// A check is about to run.
    CheckBegun {
        step: String,
        attempt: u32,
        script: Digest,
        how: How,
    },
    /// A check ended, or a person says that they verified. `tree` is what it passed on.
    Checked {
        step: String,
        attempt: u32,
        check: CheckRecord,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tree: Option<Witness>,
    },
    /// The check of a step that was done ran again.
    Rechecked {
        step: String,
        check: CheckRecord,
        /// Whether what it is in doubt of was confirmed on record, so that the step holds all the same.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        confirmed: bool,
    },
    /// These steps no longer hold, or are in doubt, and the session goes on all the same.
    WentOn {
        steps: Vec<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        in_doubt: Vec<String>,
        by: By,
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
    /// The step is to be committed once it is done.
    CommitIntent { step: String, attempt: u32 },
    /// This commit is about to become the head of the branch; `parent` is what the head was.
    CommitBegun {
        step: String,
        parent: Option<String>,
        commit: String,
    },
    /// It is.
    Committed { step: String, commit: String },
    /// There was nothing to commit.
    NotCommitted { step: String, why: String },
    /// The plan is to be committed alone, or was.
    PlanCommit(PlanCommit),
    /// A person gave the step to somebody else.
    Escalated {
        step: String,
        attempt: u32,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<By>,
        /// The file that can be handed over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
    },
    /// These boxes stay open on purpose.
    Left { boxes: Vec<Address>, reason: String },
    /// Documents of a proposal move.
    Move(Movement),
    /// A part of a document is being written by a model; `section` names its headings.
    Fill { section: String, act: Filling },
}

impl Record {
    /// Whether a step that was given to somebody else is taken up with it, or is settled.
    pub fn takes_up(&self) -> bool {
        matches!(
            self,
            Self::Send { .. }
                | Self::AgentBegun { .. }
                | Self::Unsent { .. }
                | Self::RolledBack { .. }
                | Self::Done { .. }
        )
    }

    /// The step that the record is about, where it is about one.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Send { step, .. }
            | Self::Retry { step, .. }
            | Self::Reply { step, .. }
            | Self::NoReply { step, .. }
            | Self::Upheld { step, .. }
            | Self::Amended { step, .. }
            | Self::Unsent { step, .. }
            | Self::Edited { step, .. }
            | Self::Vouched { step, .. }
            | Self::Snapshot { step, .. }
            | Self::AgentBegun { step, .. }
            | Self::AgentEnded { step, .. }
            | Self::AgentPutBack { step, .. }
            | Self::Made { step, .. }
            | Self::RollbackIntent(RollbackRecord { step, .. })
            | Self::RolledBack { step, .. }
            | Self::RollbackWithdrawn { step, .. }
            | Self::ApplyIntent { step, .. }
            | Self::Applied { step, .. }
            | Self::NotApplied { step, .. }
            | Self::Unwritten { step, .. }
            | Self::CheckBegun { step, .. }
            | Self::Checked { step, .. }
            | Self::Again { step, .. }
            | Self::Confirmed { step, .. }
            | Self::Done { step }
            | Self::Rechecked { step, .. }
            | Self::CommitIntent { step, .. }
            | Self::CommitBegun { step, .. }
            | Self::Committed { step, .. }
            | Self::NotCommitted { step, .. }
            | Self::Escalated { step, .. } => Some(step),
            Self::TickIntent { boxes, .. } | Self::Ticked { boxes, .. } | Self::Left { boxes, .. } => {
                boxes.first().and_then(|address| address.list.step())
            }
            Self::Session { .. }
            | Self::WentOn { .. }
            | Self::Fill { .. }
            | Self::Move(_)
            | Self::PlanCommit(_) => None,
        }
    }
}
