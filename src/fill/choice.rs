use super::page::Page;
use super::part::Part;
use crate::words::{Exit, Failure};

/// Which parts of a document are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only this section and those below it, by its heading.
    pub section: Option<String>,
    /// The phases and steps of a plan, whole.
    pub steps: bool,
}

impl Choice {
    /// The parts of a document that are wanted and have something to fill in, in the order of the file.
    ///
    /// Fails with exit 2 for a heading that is none, and as [`Page::steps`] does.
    pub fn parts(&self, page: &Page<'_>) -> Result<Vec<Part>, Failure> {
        if self.steps {
            let part = page.steps()?;
            return Ok(Vec::from_iter((!part.open.is_empty()).then_some(part)));
        }
        let mut sections = page.sections();
        if let Some(heading) = &self.section {
            sections.retain(|part| part.is_meant(heading));
            if sections.is_empty() {
                let known = page.sections().into_iter().filter(|part| !part.open.is_empty());
                let known: Vec<String> = known.take(40).map(|part| format!("`{}`", part.key)).collect();
                let text = format!("`{}` has no section `{heading}`", page.source.path());
                let failure = Failure::new(Exit::Usage, "unknown-section", text);
                return Err(match known.is_empty() {
                    true => failure,
                    false => failure.help(format!("something is to be filled in below {}", known.join(", "))),
                });
            }
        }
        sections.retain(|part| !part.open.is_empty());
        Ok(sections)
    }
}
