use super::answer;
use super::draft::Draft;
use super::filler::Filler;
use super::findings::findings;
use super::memory::Memory;
use super::page::Page;
use super::part::Part;
use super::prompt::{Earlier, FillPrompt, Material};
use crate::documents;
use crate::state::{Filling, Record};
use crate::words::{Digest, Failure};

/// A part at one moment: what the record says of it, and how the document reads now.
pub(crate) struct Turn<'t, 's> {
    pub(crate) filling: &'t mut Filler<'s>,
    pub(crate) page: &'t Page<'t>,
    pub(crate) part: &'t Part,
    pub(crate) memory: Memory,
}

impl Turn<'_, '_> {
    pub(crate) fn record(&mut self, act: Filling) -> Result<(), Failure> {
        self.filling.desk.record(Record::Fill {
            section: self.part.key.clone(),
            act,
        })
    }

    /// Puts on record that no answer came that can be used, with what came of one.
    pub(crate) fn no_reply(&mut self, why: impl Into<String>, part: Option<Digest>) -> Result<(), Failure> {
        self.record(Filling::NoReply {
            attempt: self.memory.attempt,
            why: why.into(),
            partial: part,
        })
    }

    /// Keeps the part as it stands, exactly, and names it.
    pub(crate) fn keep_text(&self) -> Result<Digest, Failure> {
        let text = self.page.source.slice(&self.part.span);
        self.filling.desk.blobs.put_exact(text.as_bytes())
    }

    /// The answer that was not taken, with what is wrong with it.
    fn earlier(&self) -> Option<Earlier> {
        let (answer, note) = self.memory.refused.as_ref()?;
        let answer = answer::bare(&self.filling.desk.kept(answer)?);
        let mut draft = Draft::of(self.page, self.part, &answer);
        let mut problems = std::mem::take(&mut draft.refusals);
        problems.extend(findings(&mut draft, self.part.kind, &self.filling.tree));
        let start = self.page.source.line(self.part.span.start);
        let problems = problems.iter().map(|found| match &found.place {
            // Lines of the answer: the model has not seen the document around it.
            Some(place) if place.line >= start => {
                format!(
                    "line {}: {}: `{}`",
                    place.line + 1 - start,
                    found.message,
                    place.excerpt.trim()
                )
            }
            _ => found.message.clone(),
        });
        Some(Earlier {
            problems: problems.collect(),
            note: note.clone(),
            answer,
        })
    }

    /// The prompt of the part, as it would be sent now.
    pub(crate) fn prompt(&self) -> Result<FillPrompt, Failure> {
        let desk = &self.filling.desk;
        let (plan, source) = (self.page.plan, self.page.source);
        let documents = documents::of_plan(plan, source, &desk.root, &desk.file, &desk.options.context)?;
        let real = desk.file.real();
        let path = real
            .strip_prefix(desk.root.path())
            .unwrap_or(real)
            .to_string_lossy();
        let material = Material {
            templates: &desk.templates,
            page: self.page,
            path: &path,
            documents: &documents,
        };
        material.prompt(self.part, self.memory.attempt, self.earlier().as_ref())
    }
}
