use serde::Serialize;

use crate::batch::{Contents, Delivery};
use crate::llm::Amount;
use crate::state::Landed;

/// What `batch fetch --json` says of a batch.
#[derive(Serialize)]
pub(super) struct Fetched {
    pub(super) mark: String,
    pub(super) id: Option<String>,
    pub(super) status: Option<String>,
    /// What came home; none while it runs, or is not known.
    pub(super) landed: Option<Landed>,
    /// What its replies cost at batch price, where there is one.
    pub(super) cost: Option<Amount>,
    /// Steps that still wait, though it has ended.
    pub(super) waiting: usize,
    pub(super) notes: Vec<String>,
    /// The steps whose replies came home.
    pub(super) plans: Vec<Contents>,
    /// Whether the engine keeps nothing of it any more.
    pub(super) deleted: bool,
}

impl Fetched {
    /// Nothing is known of it but how its steps call it.
    pub(super) fn nothing(mark: String) -> Self {
        Self {
            mark,
            id: None,
            status: None,
            landed: None,
            cost: None,
            waiting: 0,
            notes: Vec::new(),
            plans: Vec::new(),
            deleted: false,
        }
    }
}

impl From<Delivery> for Fetched {
    fn from(delivery: Delivery) -> Self {
        Self {
            landed: Some(delivery.landed),
            notes: delivery.notes,
            plans: delivery.replied,
            ..Self::nothing(delivery.mark)
        }
    }
}
