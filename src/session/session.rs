use std::collections::{HashMap, HashSet};

use super::budget::Spent;
use super::desk::Desk;
use super::event::Listener;
use super::gate::{Gate, Moment};
use super::standing::Standing;
use crate::plan::Address;
use crate::state::{Journal, Mode, Record};
use crate::tree::Root;
use crate::words::Digest;

/// A session: a desk, a gate that decides and a listener that shows.
pub struct Session<'a> {
    pub(crate) desk: Desk,
    pub(crate) gate: &'a mut dyn Gate,
    pub(crate) listener: &'a mut dyn Listener,
    /// Boxes outside the steps that were asked in this session, and when.
    pub(crate) asked: HashSet<(Moment, Address)>,
    /// The step whose check ended in this session: what came of it needs no second look.
    pub(crate) checked: Option<String>,
    /// With which attempt at a step this session began.
    pub(crate) first_attempts: HashMap<String, u32>,
    /// The reply that was shown in this session.
    pub(crate) shown: Option<Digest>,
    /// Replies that are used in this session although their prompts would be others now, each with the difference that was
    /// agreed to.
    pub(crate) upheld: HashSet<(Digest, Digest)>,
    /// Steps that are sent again in this session though they are in a batch, of this mark, because a person said so.
    pub(crate) sent_again: HashSet<(String, String)>,
    /// What this session spent.
    pub(crate) spent: Spent,
    /// Checks that a person agreed to, and finished steps that were checked once more.
    pub(crate) standing: Standing,
}

impl<'a> Session<'a> {
    /// A session that has not begun.
    pub fn new(desk: Desk, gate: &'a mut dyn Gate, listener: &'a mut dyn Listener) -> Self {
        Self {
            desk,
            gate,
            listener,
            asked: HashSet::new(),
            checked: None,
            first_attempts: HashMap::new(),
            shown: None,
            upheld: HashSet::new(),
            sent_again: HashSet::new(),
            spent: Spent::default(),
            standing: Standing::default(),
        }
    }
}

/// Who runs a session, and where.
#[derive(Debug, Clone)]
pub struct Who {
    /// Login name.
    pub user: String,
    /// Host name.
    pub host: String,
    /// What tells this start of the machine from others; empty where the system does not say.
    pub boot: String,
}

impl Who {
    /// The record that a session of theirs begins, beneath a root.
    pub(crate) fn begins(&self, mode: Mode, root: &Root) -> Record {
        Record::Session {
            pid: std::process::id(),
            host: self.host.clone(),
            boot: self.boot.clone(),
            user: self.user.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            mode,
            root: Some(root.name()),
        }
    }

    /// The machine of the last session on record, where it is another one.
    pub(crate) fn elsewhere(&self, journal: &Journal) -> Option<String> {
        let mut entries = journal.entries().iter().rev();
        let last = entries.find_map(|entry| match &entry.record {
            Record::Session { host, .. } => Some(host.clone()),
            _ => None,
        });
        last.filter(|host| *host != self.host)
    }
}
