use std::sync::Arc;

use super::{CustomId, Wire};
use crate::llm::Request;
use crate::llm::wire::{Dialect, Prepared, escaped};
use crate::plan::Number;
use crate::session::Hindrance;
use crate::words::{Digest, Hasher};

/// A plan with the requests of those of its steps that are wanted.
#[derive(Debug)]
pub struct ExportedPlan {
    /// The first half of its steps' ids, such as `EP-0003`.
    pub id: String,
    /// The text of its first heading, on one line; its path where there is none.
    pub title: String,
    /// Its path from the root of its repository, as prompts name it.
    pub path: String,
    /// Where it stands on this machine, without links.
    pub real: String,
    /// In the order of the file.
    pub steps: Vec<ExportedStep>,
    /// Steps that are wanted and were left out of a [wave](super::Wave); why.
    pub left_out: Vec<(String, Hindrance)>,
    /// The steps that the selection names and that the plan has, wanted or not.
    pub(super) named_steps: Vec<Number>,
    /// The phases that the selection names and that the plan has.
    pub(super) named_phases: Vec<Number>,
}

/// A step with the request that `run` would send for it now.
#[derive(Debug)]
pub struct ExportedStep {
    /// Unique in the export.
    pub id: CustomId,
    /// The step, such as `1.2`.
    pub step: String,
    /// Its title, on one line.
    pub title: String,
    /// Its phase's number.
    pub phase: String,
    /// Whether its boxes are ticked.
    pub done: bool,
    /// Number of the attempt that the request is, from 1.
    pub attempt: u32,
    /// The digest of the prompt's whole text: consent is bound to it.
    pub prompt: Digest,
    /// The digest of the step's own text with all boxes open, as the record of a request has it.
    pub text: Digest,
    /// Tokens of the prompt, counted or estimated.
    pub tokens: u64,
    pub(super) common: Arc<Common>,
    /// The step's own part of the text.
    pub(super) own: String,
    pub(super) encoded: Encoded,
}

/// What of a request is a step's own, as it is written.
#[derive(Debug)]
pub(super) enum Encoded {
    /// As a text: nothing is encoded.
    No,
    /// As it stands in a JSON string, between what the plan's requests share.
    Inset(String),
    /// A whole body: dialects may leave out a blank text, and what stands around it.
    Body(Vec<u8>),
}

/// What the requests of a plan share. It is made anew for a step whose prompt begins otherwise.
#[derive(Debug)]
pub(super) struct Common {
    system: Arc<str>,
    shared: Arc<str>,
    /// The whole text up to the step's own part.
    pub(super) text: String,
    hasher: Hasher,
    wire: Option<(Wire, Prepared)>,
    /// `"system":"…","user":"` and the shared part; empty where no JSON document is wanted.
    pub(super) json: String,
}

/// Whether two texts are equal; most of the time they are one.
fn is_same(one: &Arc<str>, other: &Arc<str>) -> bool {
    Arc::ptr_eq(one, other) || one == other
}

/// In what shapes requests are wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct Shapes {
    /// As bodies.
    pub(super) wire: Option<Wire>,
    /// As parts of a JSON document.
    pub(super) json: bool,
}

impl Common {
    /// The one before, if this request begins as its one did.
    pub(super) fn of(request: &Request, shapes: &Shapes, before: Option<&Arc<Self>>) -> Arc<Self> {
        let same = |before: &&Arc<Self>| {
            is_same(&before.shared, &request.shared) && is_same(&before.system, &request.system)
        };
        if let Some(before) = before.filter(same) {
            return Arc::clone(before);
        }
        let text = request.beginning();
        let mut hasher = Hasher::default();
        hasher.add(&text);
        let wire = shapes.wire.as_ref().map(|wire| {
            let prepared = Prepared::new(wire.dialect, &wire.options, &request.system, &request.shared);
            (wire.clone(), prepared)
        });
        let json = if shapes.json {
            let (system, shared) = (escaped(&request.system), escaped(&request.shared));
            format!(r#""system":"{system}","user":"{shared}"#)
        } else {
            String::new()
        };
        Arc::new(Self {
            system: request.system.clone(),
            shared: request.shared.clone(),
            text,
            hasher,
            wire,
            json,
        })
    }

    /// The digest of the text that goes on with `own`.
    pub(super) fn digest(&self, own: &str) -> Digest {
        let mut hasher = self.hasher.clone();
        hasher.add(own);
        hasher.digest()
    }

    /// What is a request's own, in the shape that is wanted.
    pub(super) fn encoded(&self, request: &Request) -> Encoded {
        match &self.wire {
            None if self.json.is_empty() => Encoded::No,
            Some((wire, prepared)) if prepared.around(&request.own).is_none() => {
                Encoded::Body(wire.dialect.encode(request, &wire.options))
            }
            _ => Encoded::Inset(escaped(&request.own)),
        }
    }
}

impl ExportedStep {
    /// The prompt as one text, as `stepgate prompt` prints it.
    pub fn prompt_text(&self) -> String {
        [self.common.text.as_str(), &self.own].concat()
    }

    /// The request, in no dialect.
    pub fn request(&self) -> Request {
        Request {
            system: self.common.system.clone(),
            shared: self.common.shared.clone(),
            own: self.own.clone(),
            step: self.step.clone(),
            attempt: self.attempt,
        }
    }

    /// What the body speaks; `None` where no bodies are wanted.
    pub fn dialect(&self) -> Option<Dialect> {
        self.common.wire.as_ref().map(|(wire, _)| wire.dialect)
    }

    /// The body of the request in three parts: the bytes that `run` would send, but that it asks for no stream. What is
    /// shared is not copied. Empty where no bodies are wanted.
    pub(super) fn body(&self) -> [&[u8]; 3] {
        let around = self.common.wire.as_ref().map(|(_, prepared)| prepared);
        match (
            &self.encoded,
            around.and_then(|prepared| prepared.around(&self.own)),
        ) {
            (Encoded::Inset(own), Some((head, tail))) => [head, own.as_bytes(), tail],
            (Encoded::Body(body), _) => [body, &[], &[]],
            _ => [&[]; 3],
        }
    }

    /// Its own part as it stands in a JSON string; empty where that is not wanted.
    pub(super) fn inset(&self) -> &str {
        match &self.encoded {
            Encoded::Inset(own) => own,
            Encoded::No | Encoded::Body(_) => "",
        }
    }
}
