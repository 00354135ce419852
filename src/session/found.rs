use super::subject::Subject;
use crate::plan::{Phase, Plan, Step};
use crate::words::Source;

/// A step in one reading of the plan.
pub(crate) struct Found<'a> {
    pub(crate) source: &'a Source,
    pub(crate) plan: &'a Plan,
    pub(crate) phase: &'a Phase,
    pub(crate) step: &'a Step,
}

impl Found<'_> {
    pub(crate) fn id(&self) -> String {
        self.step.id.to_string()
    }

    pub(crate) fn subject(&self, attempt: u32) -> Subject {
        Subject {
            step: self.id(),
            title: self.source.slice(&self.step.title).to_owned(),
            attempt,
        }
    }

    /// Paths of the files that the step names.
    pub(crate) fn declared(&self) -> Vec<String> {
        let files = self.step.files.iter();
        files
            .map(|file| self.source.slice(&file.path).trim_start_matches("./").to_owned())
            .collect()
    }

    /// What the step and its phase depend on that only a person can see.
    pub(crate) fn external(&self) -> Vec<String> {
        let both = self.phase.dependencies.iter().chain(&self.step.dependencies);
        both.filter(|dependency| dependency.external)
            .map(|dependency| self.source.slice(&dependency.text).to_owned())
            .collect()
    }

    /// What the plan says of undoing the step.
    pub(crate) fn rollback(&self) -> Vec<String> {
        self.step
            .rollback
            .iter()
            .map(|span| self.source.slice(span).to_owned())
            .collect()
    }
}
