use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Checkbox, Number, Plan};
use crate::words::Source;

/// Where a box stands, in words that survive edits elsewhere in the plan: never a line number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The list that holds it.
    pub list: List,
    /// Its place in that list, from 0.
    pub index: usize,
    /// Its text, which must be the same for the box to be the same.
    pub text: String,
}

/// A list of boxes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum List {
    /// The tasks of a step.
    Tasks(String),
    /// The validation criteria of a step.
    Criteria(String),
    /// The boxes elsewhere in a step.
    Other(String),
    /// The completion criteria of a phase.
    Completion(String),
    /// A checklist, by its headings; and which one, from 0, where several stand under the same.
    Checklist(Vec<String>, usize),
}

impl List {
    /// The boxes of this list in a plan; none where the plan has no such list.
    pub fn boxes<'a>(&self, plan: &'a Plan, source: &Source) -> &'a [Checkbox] {
        let step = |id: &str| {
            Number::parse(id)
                .and_then(|id| plan.step(id))
                .map(|(_, step)| step)
        };
        let boxes = match self {
            Self::Tasks(id) => step(id).map(|step| &step.tasks),
            Self::Criteria(id) => step(id).map(|step| &step.criteria),
            Self::Other(id) => step(id).map(|step| &step.other),
            Self::Completion(number) => plan
                .phases
                .iter()
                .find(|phase| phase.number.to_string() == *number)
                .map(|phase| &phase.completion),
            Self::Checklist(path, nth) => plan
                .checklists
                .iter()
                .filter(|list| list.path(source) == *path)
                .nth(*nth)
                .map(|list| &list.boxes),
        };
        boxes.map_or(&[], Vec::as_slice)
    }

    /// Every checklist of a plan with its headings, in the order of the file.
    pub fn checklists(plan: &Plan, source: &Source) -> Vec<(Self, Vec<String>)> {
        let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
        plan.checklists
            .iter()
            .map(|list| {
                let path = list.path(source);
                let nth = seen.entry(path.clone()).or_default();
                *nth += 1;
                (Self::Checklist(path.clone(), *nth - 1), path)
            })
            .collect()
    }

    /// The id of the step that holds the list, where one does.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Tasks(id) | Self::Criteria(id) | Self::Other(id) => Some(id),
            Self::Completion(_) | Self::Checklist(..) => None,
        }
    }

    /// The addresses of those boxes that `pick` wants.
    pub fn addresses(
        &self,
        plan: &Plan,
        source: &Source,
        pick: impl Fn(usize, &Checkbox) -> bool,
    ) -> Vec<Address> {
        self.boxes(plan, source)
            .iter()
            .enumerate()
            .filter(|(index, checkbox)| pick(*index, checkbox))
            .map(|(index, checkbox)| Address {
                list: self.clone(),
                index,
                text: checkbox.text(source),
            })
            .collect()
    }
}

impl Address {
    /// The box, if it still stands there with the same text; else the one box of that text in its list, for others may
    /// have come or gone before it.
    pub fn find<'a>(&self, plan: &'a Plan, source: &Source) -> Option<&'a Checkbox> {
        let boxes = self.list.boxes(plan, source);
        let same = |checkbox: &&Checkbox| checkbox.text(source) == self.text;
        boxes.get(self.index).filter(same).or_else(|| {
            let mut found = boxes.iter().filter(same);
            found.next().filter(|_| found.next().is_none())
        })
    }
}
