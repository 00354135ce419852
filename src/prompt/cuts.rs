use std::cmp::Reverse;

use super::document::Document;
use super::relevance::{Words, relevance};
use super::sections::{LeftOut, Section, sections, without};
use crate::llm::Counter;

/// What may be left out of the documents of a plan, least relevant to the step first, and what was so far.
pub(super) struct Cuts<'a> {
    documents: &'a [Document],
    counter: Counter,
    sections: Vec<Vec<Section>>,
    /// What is still to be had; the next one is the last.
    candidates: Vec<Candidate>,
    /// By document and section.
    out: Vec<Candidate>,
}

struct Candidate {
    document: usize,
    section: usize,
    relevance: u64,
    left_out: LeftOut,
    /// Tokens that it brings: its own without those of the note in its place.
    saved: u64,
}

impl<'a> Cuts<'a> {
    /// Puts the sections in the order in which they go: by relevance, and where that is equal, further documents before
    /// the design, the design before the requirements, and the end of a document before its beginning. A section that is
    /// no longer than the note in its place stays.
    pub(super) fn new(documents: &'a [Document], step: &Words, counter: Counter) -> Self {
        let sections: Vec<Vec<Section>> = documents
            .iter()
            .map(|document| sections(&document.text))
            .collect();
        let flat: Vec<(usize, usize, &Section)> = sections
            .iter()
            .enumerate()
            .flat_map(|(document, sections)| {
                let numbered = sections.iter().enumerate();
                numbered.map(move |(at, section)| (document, at, section))
            })
            .collect();
        let text = |document: usize, section: &Section| &documents[document].text[section.span.clone()];
        let texts: Vec<(&str, &str)> = flat
            .iter()
            .map(|(document, _, section)| (section.heading.as_str(), text(*document, section)))
            .collect();
        let values = relevance(step, &texts);
        let mut candidates: Vec<Candidate> = flat
            .into_iter()
            .zip(values)
            .filter_map(|((document, at, section), relevance)| {
                let left_out = LeftOut {
                    document: documents[document].path.clone(),
                    heading: section.heading.clone(),
                    tokens: counter.count(text(document, section)),
                };
                let note = counter.count(&left_out.note(counter)) + 1;
                let saved = left_out.tokens.checked_sub(note).filter(|saved| *saved > 0)?;
                Some(Candidate {
                    document,
                    section: at,
                    relevance,
                    left_out,
                    saved,
                })
            })
            .collect();
        candidates.sort_by_key(|candidate| {
            let rank = match documents[candidate.document].role {
                "requirements" => 2,
                "design" => 1,
                _ => 0,
            };
            let place = (candidate.document, candidate.section);
            Reverse((candidate.relevance, rank, Reverse(place)))
        });
        Self {
            documents,
            counter,
            sections,
            candidates,
            out: Vec::new(),
        }
    }

    /// Leaves out as many sections as bring so many tokens, and one at least. `false` when there is none left.
    pub(super) fn leave_out(&mut self, tokens: u64) -> bool {
        let mut saved = 0;
        while saved < tokens.max(1) {
            match self.candidates.pop() {
                Some(candidate) => {
                    saved += candidate.saved;
                    self.out.push(candidate);
                }
                None => return saved > 0,
            }
        }
        true
    }

    /// The documents as they are now.
    pub(super) fn documents(&self) -> Vec<Document> {
        let mut notes: Vec<Vec<Option<String>>> = self
            .sections
            .iter()
            .map(|sections| vec![None; sections.len()])
            .collect();
        for candidate in &self.out {
            notes[candidate.document][candidate.section] = Some(candidate.left_out.note(self.counter));
        }
        let all = self.documents.iter().zip(&self.sections).zip(&notes);
        all.map(|((document, sections), notes)| Document {
            role: document.role,
            path: document.path.clone(),
            text: without(&document.text, sections, notes),
        })
        .collect()
    }

    /// What was left out, in the order of the documents.
    pub(super) fn left_out(mut self) -> Vec<LeftOut> {
        self.out
            .sort_by_key(|candidate| (candidate.document, candidate.section));
        self.out.into_iter().map(|candidate| candidate.left_out).collect()
    }
}
