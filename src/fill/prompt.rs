use serde::Serialize;

use super::page::Page;
use super::part::{Kind, Part};
use crate::llm::{Request, Terms};
use crate::prompt::{Document, Template, Templates};
use crate::words::{Digest, Failure};

/// What is sent for a part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FillPrompt {
    /// The request.
    pub request: Request,
    /// What it is made of, each with its bytes.
    pub parts: Vec<(String, usize)>,
}

impl FillPrompt {
    /// The whole text, for a person or a program that takes no roles.
    pub fn text(&self) -> String {
        self.request.text()
    }

    /// Tokens of the whole, as the endpoint's model counts them or as they are estimated.
    pub fn tokens(&self, terms: &Terms) -> u64 {
        terms.counter.count(&self.request.system) + terms.counter.count(&self.request.user())
    }

    /// Its parts with their bytes, in a line.
    pub fn sizes(&self) -> String {
        let parts = self
            .parts
            .iter()
            .map(|(name, bytes)| format!("{name} {bytes} bytes"));
        parts.collect::<Vec<_>>().join(" · ")
    }
}

/// An earlier answer, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Earlier {
    pub(crate) answer: String,
    pub(crate) problems: Vec<String>,
    pub(crate) note: Option<String>,
}

/// Everything that a prompt is made of.
pub(crate) struct Material<'a> {
    pub(crate) templates: &'a Templates,
    pub(crate) page: &'a Page<'a>,
    /// The document's path from the root.
    pub(crate) path: &'a str,
    pub(crate) documents: &'a [Document],
}

impl Material<'_> {
    /// Makes the prompt of a part. What the document rests on comes first, and is the same for all its parts.
    pub(crate) fn prompt(
        &self,
        part: &Part,
        attempt: u32,
        earlier: Option<&Earlier>,
    ) -> Result<FillPrompt, Failure> {
        let page = self.page;
        let system = self.templates.render(Template::Writer, ())?;
        let documents = self.documents.iter().map(|document| DocumentWords {
            role: document.role,
            path: &document.path,
            fence: fence(&document.text),
            text: &document.text,
        });
        let sources = Sources {
            documents: documents.collect(),
        };
        let shared = self.templates.render(Template::Sources, &sources)?;
        let written = page.written(part);
        let text = part.text(page.source);
        let vars = Vars {
            document: PageWords {
                id: page.plan.id(page.source),
                title: page.title(),
                path: self.path,
                kind: page.kind(),
            },
            written: (!written.is_empty()).then(|| Fenced {
                fence: fence(&written),
                text: &written,
            }),
            section: SectionWords {
                heading: part.path.join(" › "),
                line: part.heading_line(page.source),
                level: part.level,
                open_heading: part.open_heading().is_some(),
                fence: fence(&text),
                text: &text,
                hints: match part.kind {
                    Kind::Section => part.hints(page.source),
                    Kind::Steps => Vec::new(),
                },
                below: match part.kind {
                    Kind::Section => page.below(part),
                    Kind::Steps => Vec::new(),
                },
            },
            again: earlier.map(|earlier| AgainWords {
                fence: fence(&earlier.answer),
                answer: &earlier.answer,
                problems: &earlier.problems,
                note: earlier.note.as_deref(),
            }),
        };
        let template = match part.kind {
            Kind::Section => Template::Fill,
            Kind::Steps => Template::Steps,
        };
        let own = self.templates.render(template, &vars)?;
        let mut parts = vec![("system".to_owned(), system.len())];
        for document in self.documents {
            parts.push((
                format!("{} {}", document.role, document.path),
                document.text.len(),
            ));
        }
        let known: usize = self.documents.iter().map(|document| document.text.len()).sum();
        if !written.is_empty() {
            parts.push(("written so far".to_owned(), written.len()));
        }
        let rest = (shared.len() + own.len()).saturating_sub(known + written.len());
        parts.push((
            match part.kind {
                Kind::Section => "section".to_owned(),
                Kind::Steps => "phases and steps".to_owned(),
            },
            rest,
        ));
        Ok(FillPrompt {
            request: Request {
                system: system.into(),
                shared: shared.into(),
                own,
                step: String::new(),
                attempt,
            },
            parts,
        })
    }
}

/// A token that the text itself cannot foresee: its own digest.
fn fence(text: &str) -> String {
    Digest::of(text).short().to_owned()
}

#[derive(Serialize)]
struct Sources<'a> {
    documents: Vec<DocumentWords<'a>>,
}

#[derive(Serialize)]
struct DocumentWords<'a> {
    role: &'a str,
    path: &'a str,
    fence: String,
    text: &'a str,
}

#[derive(Serialize)]
struct Vars<'a> {
    document: PageWords<'a>,
    written: Option<Fenced<'a>>,
    section: SectionWords<'a>,
    again: Option<AgainWords<'a>>,
}

#[derive(Serialize)]
struct PageWords<'a> {
    id: Option<String>,
    title: String,
    path: &'a str,
    kind: &'a str,
}

#[derive(Serialize)]
struct Fenced<'a> {
    fence: String,
    text: &'a str,
}

#[derive(Serialize)]
struct SectionWords<'a> {
    heading: String,
    line: &'a str,
    level: u8,
    open_heading: bool,
    fence: String,
    text: &'a str,
    hints: Vec<String>,
    below: Vec<String>,
}

#[derive(Serialize)]
struct AgainWords<'a> {
    fence: String,
    answer: &'a str,
    problems: &'a [String],
    note: Option<&'a str>,
}
