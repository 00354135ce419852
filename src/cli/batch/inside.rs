use std::collections::BTreeMap;

use serde::Serialize;

use super::look::Shown;
use crate::batch::{Contents, Submission};
use crate::words::printable_line;

/// What is in batches, by their marks and their numbers in their submissions.
pub(super) struct Inside(BTreeMap<(String, usize), Vec<Contents>>);

/// A batch as it is shown, with what is in it where it was named.
#[derive(Serialize)]
pub(super) struct Opened<'a> {
    #[serde(flatten)]
    shown: &'a Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    plans: Option<&'a [Contents]>,
}

impl Inside {
    /// What is in these.
    pub(super) fn of<'a>(submissions: impl Iterator<Item = &'a Submission>) -> Self {
        let parts = submissions.flat_map(|submission| {
            let parts = 0..submission.parts.len();
            parts.map(|part| ((submission.mark.clone(), part), submission.contents(part)))
        });
        Self(parts.collect())
    }

    fn get(&self, shown: &Shown) -> Option<&[Contents]> {
        let plans = self.0.get(&(shown.mark.clone(), shown.part));
        plans.map(Vec::as_slice)
    }

    /// For a document.
    pub(super) fn open<'a>(&'a self, all: &'a [Shown]) -> Vec<Opened<'a>> {
        let opened = all.iter().map(|shown| Opened {
            shown,
            plans: self.get(shown),
        });
        opened.collect()
    }

    /// A line a plan.
    pub(super) fn lines(&self, shown: &Shown) -> String {
        let plans = self.get(shown).unwrap_or_default().iter();
        let line = |plan: &Contents| format!("  {}: {}\n", printable_line(&plan.plan), plan.steps.join(", "));
        plans.map(line).collect()
    }
}
