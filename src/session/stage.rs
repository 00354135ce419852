use crate::state::{AgentRecord, CheckRecord, Delegation, Entry, Record};
use crate::tree::Planned;
use crate::words::Digest;

/// Where the work on a step stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stage {
    /// Nothing was sent in this attempt.
    Fresh,
    /// A request was sent and nothing is known of its answer.
    Sent { endpoint: String, at: String },
    /// The request is a part of this submission to a batch engine, whose results are not home.
    Out { batch: String },
    /// An agent was started and nothing is known of how it ended.
    Running { delegation: Box<Delegation>, at: String },
    /// An agent ended; what it did is not agreed to yet.
    Delegated {
        delegation: Box<Delegation>,
        agent: Box<AgentRecord>,
        at: String,
    },
    /// The reply is stored.
    Replied { reply: Digest },
    /// Files were about to be written.
    Applying { reply: Digest, files: Vec<Planned> },
    /// The tree is ready to be checked.
    Worked,
    /// A check was begun, and nothing is known of how it ended.
    Checking,
    /// A check ended.
    Checked { check: CheckRecord, at: String },
    /// Everything was confirmed, in this session.
    Confirmed,
    /// What was confirmed is being ticked.
    Ticking,
    /// A person gave it to somebody else, in this session.
    Escalated,
}

impl Stage {
    /// Moves on by what is on record next of the step, whose last reply of this attempt is given.
    pub(crate) fn take(&mut self, entry: &Entry, reply: Option<&Digest>) {
        let next = match &entry.record {
            Record::Send { endpoint, batch, .. } => match batch {
                Some(batch) => Self::Out { batch: batch.clone() },
                None => Self::Sent {
                    endpoint: endpoint.clone(),
                    at: entry.at.clone(),
                },
            },
            Record::AgentBegun { delegation, .. } => Self::Running {
                delegation: Box::new(delegation.clone()),
                at: entry.at.clone(),
            },
            Record::AgentEnded { agent, .. } => match self {
                Self::Running { delegation, at } => Self::Delegated {
                    delegation: delegation.clone(),
                    agent: Box::new(agent.clone()),
                    at: at.clone(),
                },
                _ => return,
            },
            Record::Reply { reply, .. } => Self::Replied { reply: reply.clone() },
            Record::NoReply { .. }
            | Record::Again { .. }
            | Record::Done { .. }
            | Record::RolledBack { .. } => Self::Fresh,
            Record::ApplyIntent { files, .. } => match reply {
                Some(reply) => Self::Applying {
                    reply: reply.clone(),
                    files: files.clone(),
                },
                None => return,
            },
            Record::Unwritten { .. } => match self {
                Self::Applying { reply, .. } => Self::Replied { reply: reply.clone() },
                _ => return,
            },
            Record::Made { .. }
            | Record::Unsent { .. }
            | Record::Applied { .. }
            | Record::NotApplied { .. } => Self::Worked,
            Record::CheckBegun { .. } => Self::Checking,
            Record::Checked { check, .. } => Self::Checked {
                check: check.clone(),
                at: entry.at.clone(),
            },
            Record::Confirmed { .. } => Self::Confirmed,
            // Ticks by hand carry no text: only those of a session end what it confirmed.
            Record::TickIntent {
                to: true,
                text: Some(_),
                ..
            } if *self == Self::Confirmed => Self::Ticking,
            Record::Ticked { to: true, .. } if *self == Self::Ticking => Self::Worked,
            // What was checked and confirmed was another text.
            Record::Edited { .. } if *self == Self::Checking || self.is_checked() => Self::Worked,
            Record::Ticked { to: false, .. } if self.is_checked() => Self::Worked,
            Record::Escalated { .. } => Self::Escalated,
            Record::Retry { .. }
            | Record::Upheld { .. }
            | Record::Amended { .. }
            | Record::Edited { .. }
            | Record::Vouched { .. }
            | Record::Snapshot { .. }
            | Record::AgentPutBack { .. }
            | Record::RollbackIntent(_)
            | Record::RollbackWithdrawn { .. }
            | Record::Rechecked { .. }
            | Record::TickIntent { .. }
            | Record::Ticked { .. }
            | Record::Left { .. }
            | Record::WentOn { .. }
            | Record::CommitIntent { .. }
            | Record::CommitBegun { .. }
            | Record::Committed { .. }
            | Record::NotCommitted { .. }
            | Record::PlanCommit(_)
            | Record::Move(_)
            | Record::Fill { .. }
            | Record::Session { .. } => return,
        };
        *self = next;
    }

    /// Whether a check ended, and what followed from it is not done.
    fn is_checked(&self) -> bool {
        matches!(self, Self::Checked { .. } | Self::Confirmed | Self::Ticking)
    }
}
