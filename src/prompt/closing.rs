use serde::Serialize;

use super::compose::Material;
use super::parts::Part;
use super::prompt::Prompt;
use super::template::Template;
use crate::llm::{Request, Terms};
use crate::words::Failure;

/// A step that is done, with what the record has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosedStep {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How it was checked, and by whom it was confirmed, in words.
    pub evidence: String,
}

/// What the prompt is told that closes a plan.
#[derive(Debug, Serialize)]
pub struct Closed<'a> {
    /// The plan's Final AI Prompt.
    pub prompt: &'a str,
    /// Every step.
    pub steps: &'a [ClosedStep],
    /// Boxes that stay open on purpose.
    pub open: &'a [String],
}

impl Material<'_> {
    /// Makes the prompt that closes the plan: the system text; documents and overview, the same as for every step; the
    /// evidence; last the plan's own words. `step` names it in records.
    ///
    /// Fails with exit 6 for a template's fault, and with 8 where it does not fit the context.
    pub fn closing(
        &self,
        closed: &Closed<'_>,
        (step, attempt): (&str, u32),
        terms: &Terms,
    ) -> Result<Prompt, Failure> {
        let shared = self.shared_by_all(terms.counter)?;
        let asked = self.templates.render(Template::Finish, closed)?;
        let mut parts = shared.parts.clone();
        parts.push(Part::of("evidence", &asked, terms.counter));
        let prompt = Prompt {
            request: Request {
                system: shared.system.clone(),
                shared: shared.context.clone(),
                own: asked,
                step: step.to_owned(),
                attempt,
            },
            parts,
            estimated: terms.counter.estimates(),
            omitted: Vec::new(),
            left_out: Vec::new(),
            made: None,
        };
        prompt.check_size(terms)?;
        Ok(prompt)
    }
}
