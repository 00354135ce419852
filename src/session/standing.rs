use std::collections::{BTreeSet, HashMap};

use crate::tree::Surveyed;
use crate::words::Digest;

/// What a session knows of the steps that it checked once more.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// Texts of checks that a person agreed to in this session.
    pub(crate) consented: BTreeSet<Digest>,
    /// Steps that held, and the tree that they held on.
    pub(crate) held: HashMap<String, Surveyed>,
    /// Steps that do not hold, and a person goes on all the same.
    pub(crate) waived: BTreeSet<String>,
}
