use std::fs::File;
use std::io::{BufWriter, Write as _};

use serde::Serialize;

use super::manifest::{FailedPlan, FileEntry, MANIFEST, PlanEntry, SCHEMA, StepEntry, Totals};
use super::output::NewFolder;
use super::{ExportedPlan, Format, Wire};
use crate::words::Failure;

/// The manifest while it is written: a plan a line, so that memory need not hold all of them.
pub(super) struct Ledger<'a> {
    folder: &'a NewFolder,
    file: BufWriter<File>,
    first: bool,
    /// Whether it says where on this machine plans stand. What is handed over does not.
    pub(super) tells_places: bool,
}

/// What a [`super::Manifest`] begins with.
#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    format: &'static str,
    endpoint: Option<&'a str>,
    dialect: Option<&'static str>,
    model: Option<&'a str>,
    url: Option<&'static str>,
}

/// What it ends with.
#[derive(Serialize)]
struct Tail<'a> {
    failed: &'a [FailedPlan],
    files: &'a [FileEntry],
    totals: &'a Totals,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(folder: &'a NewFolder, format: Format, wire: Option<&Wire>) -> Result<Self, Failure> {
        let mut ledger = Self {
            file: BufWriter::new(folder.create(MANIFEST)?),
            folder,
            first: true,
            tells_places: false,
        };
        let head = Head {
            schema: SCHEMA,
            format: format.word(),
            endpoint: wire.map(|wire| wire.endpoint.as_str()),
            dialect: wire.map(|wire| wire.dialect.word()),
            model: wire.map(|wire| wire.options.model.as_str()),
            url: wire.map(Wire::path),
        };
        let mut head = serde_json::to_string(&head).unwrap_or_default();
        head.pop();
        ledger.write(&format!("{head},\n\"plans\":["))?;
        Ok(ledger)
    }

    /// Enters a plan; `files` are those of its steps.
    pub(super) fn plan(&mut self, plan: &ExportedPlan, files: Vec<String>) -> Result<(), Failure> {
        let steps = plan.steps.iter().zip(files).map(|(step, file)| StepEntry {
            id: step.id.clone(),
            step: step.step.clone(),
            attempt: step.attempt,
            file,
            prompt: step.prompt.clone(),
            text: step.text.clone(),
            tokens: step.tokens,
        });
        let entry = PlanEntry {
            id: plan.id.clone(),
            title: plan.title.clone(),
            path: plan.path.clone(),
            real: match self.tells_places {
                true => plan.real.clone(),
                false => String::new(),
            },
            steps: steps.collect(),
        };
        let line = serde_json::to_string(&entry).unwrap_or_default();
        let before = if std::mem::take(&mut self.first) {
            "\n"
        } else {
            ",\n"
        };
        self.write(before)?;
        self.write(&line)
    }

    /// Writes the rest of it.
    pub(super) fn finish(
        mut self,
        failed: &[FailedPlan],
        files: &[FileEntry],
        totals: &Totals,
    ) -> Result<(), Failure> {
        let tail = Tail {
            failed,
            files,
            totals,
        };
        let tail = serde_json::to_string(&tail).unwrap_or_default();
        self.write(&format!("],\n{}\n", tail.trim_start_matches('{')))?;
        let flushed = self.file.flush();
        flushed.map_err(|error| self.failed(&error))
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::io("write", &self.folder.shown(MANIFEST), error)
    }
}
