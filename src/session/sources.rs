use super::found::Found;
use super::memory::Memory;
use crate::documents;
use crate::plan_file::PlanFile;
use crate::prompt::{Material, Occasion, Prompt, Retry, Templates};
use crate::state::{Blobs, Entry};
use crate::tree::Root;
use crate::words::{Digest, Failure};

/// What prompts are made from. A session and `stepgate prompt` make them here alike, so that what was sent can be
/// printed.
pub(crate) struct Sources<'a> {
    pub(crate) root: &'a Root,
    pub(crate) file: &'a PlanFile,
    pub(crate) templates: &'a Templates,
    /// Further documents that every prompt shows, from the repository root.
    pub(crate) context: &'a [String],
}

impl Sources<'_> {
    /// The prompt of a step, as it would be sent now.
    pub(crate) fn prompt(
        &self,
        found: &Found<'_>,
        attempt: u32,
        retry: Option<&Retry>,
    ) -> Result<Prompt, Failure> {
        let documents = documents::of_plan(found.plan, found.source, self.root, self.file, self.context)?;
        let files = documents::of_step(found.step, found.source, self.root);
        let real = self.file.real();
        let path = real
            .strip_prefix(self.root.path())
            .unwrap_or(real)
            .to_string_lossy()
            .into_owned();
        let material = Material {
            templates: self.templates,
            plan: found.plan,
            source: found.source,
            path: &path,
            documents: &documents,
        };
        material.prompt(&Occasion {
            phase: found.phase,
            step: found.step,
            files: &files,
            attempt,
            retry,
        })
    }
}

/// Number of the attempt at a step that comes next, and what the one before came to, by the record.
pub(crate) fn upcoming(step: &str, entries: &[Entry], blobs: Option<&Blobs>) -> (u32, Option<Retry>) {
    let memory = Memory::of(step, entries);
    let read = |digest: &Digest| String::from_utf8(blobs?.get(digest).ok()?).ok();
    (memory.attempt, memory.retry(read))
}
