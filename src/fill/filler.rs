use std::collections::HashSet;
use std::path::Path;

use super::choice::Choice;
use super::event::FillListener;
use super::gate::FillGate;
use crate::lint::Tree;
use crate::session::{Desk, Spent};

/// A document that is being filled in.
pub struct Filler<'a> {
    pub(crate) desk: Desk,
    pub(crate) gate: &'a mut dyn FillGate,
    pub(crate) listener: &'a mut dyn FillListener,
    /// Where lint looks for the files that a plan names.
    pub(crate) tree: Tree,
    pub(crate) choice: Choice,
    /// Parts that were left as they are in this session.
    pub(crate) skipped: HashSet<String>,
    pub(crate) saved: usize,
    /// Requests that the last consent still allows.
    pub(crate) agreed: u32,
    /// What this session spent.
    pub(crate) spent: Spent,
    /// Whether the answer was shown in this session.
    pub(crate) shown: bool,
}

impl<'a> Filler<'a> {
    /// A document that nothing was done with yet. It must be locked.
    pub fn new(
        desk: Desk,
        choice: Choice,
        gate: &'a mut dyn FillGate,
        listener: &'a mut dyn FillListener,
    ) -> Self {
        let folder = desk.file.real().parent().unwrap_or(Path::new("/")).to_path_buf();
        let tree = Tree::new(desk.root.path().to_path_buf(), folder);
        Self {
            desk,
            gate,
            listener,
            tree,
            choice,
            skipped: HashSet::new(),
            saved: 0,
            agreed: 0,
            spent: Spent::default(),
            shown: false,
        }
    }
}
