use std::cmp::Reverse;

use memchr::memmem;
use regex::Regex;

use super::{Ask, Dialect, Part, glob};

/// Conditions; all that are given must hold. None given holds always.
#[derive(Debug, Clone, Default)]
pub struct When {
    /// Id of the step that asks.
    pub step: Option<String>,
    /// Each stands in one of the texts that the model is told.
    pub contains: Vec<String>,
    /// Is found in one of the texts that the model is told; each is looked at by itself.
    pub matches: Option<Regex>,
    /// The model that is asked for; a `*` stands for any text.
    pub model: Option<String>,
    /// The dialect that is spoken.
    pub dialect: Option<Dialect>,
    /// Headers with their values, the names in lower case; a `*` in a value stands for any text.
    pub headers: Vec<(String, String)>,
    /// First and last number of the calls that fulfil all the conditions above, from 1.
    pub call: Option<(u32, u32)>,
    /// The digest of a recorded request: its method, path and body, byte for byte.
    pub request: Option<String>,
}

impl PartialEq for When {
    fn eq(&self, other: &Self) -> bool {
        // Patterns have no equality but that of their text.
        let pattern = |when: &Self| when.matches.as_ref().map(|regex| regex.as_str().to_owned());
        self.step == other.step
            && self.contains == other.contains
            && pattern(self) == pattern(other)
            && self.model == other.model
            && self.dialect == other.dialect
            && self.headers == other.headers
            && self.call == other.call
            && self.request == other.request
    }
}

impl When {
    /// Whether all conditions hold, but for the number of the call. Makes nothing: it is asked of every rule at every
    /// request.
    pub(super) fn holds(&self, ask: &Ask<'_>) -> bool {
        self.step_holds(ask)
            && self.model_holds(ask)
            && self.dialect_holds(ask)
            // What was recorded is looked for by itself, before all else.
            && self.request.is_none()
            && self.headers.iter().all(|header| header_holds(header, ask))
            && self.contains.iter().all(|text| is_told(text, ask))
            && self.pattern_holds(ask)
    }

    fn step_holds(&self, ask: &Ask<'_>) -> bool {
        self.step.as_deref().is_none_or(|step| ask.step == Some(step))
    }

    fn model_holds(&self, ask: &Ask<'_>) -> bool {
        let wanted = self.model.as_deref();
        wanted.is_none_or(|wanted| ask.model.is_some_and(|model| glob::fits(wanted, model)))
    }

    fn dialect_holds(&self, ask: &Ask<'_>) -> bool {
        self.dialect.is_none_or(|dialect| ask.dialect == Some(dialect))
    }

    fn pattern_holds(&self, ask: &Ask<'_>) -> bool {
        let wanted = self.matches.as_ref();
        wanted.is_none_or(|wanted| ask.parts.iter().any(|told| wanted.is_match(&told.text)))
    }

    /// The conditions that do not hold, in words.
    pub(super) fn unmet(&self, ask: &Ask<'_>) -> Vec<String> {
        let mut unmet = Vec::new();
        if let Some(step) = self.step.as_ref().filter(|_| !self.step_holds(ask)) {
            unmet.push(format!("step `{step}`"));
        }
        for text in self.contains.iter().filter(|text| !is_told(text, ask)) {
            unmet.push(format!("a prompt that contains `{text}`"));
        }
        if let Some(pattern) = self.matches.as_ref().filter(|_| !self.pattern_holds(ask)) {
            unmet.push(format!("a prompt that matches `{pattern}`"));
        }
        if let Some(model) = self.model.as_ref().filter(|_| !self.model_holds(ask)) {
            unmet.push(format!("model `{model}`"));
        }
        if let Some(dialect) = self.dialect.filter(|_| !self.dialect_holds(ask)) {
            unmet.push(format!("dialect `{}`", dialect.word()));
        }
        for header in self.headers.iter().filter(|header| !header_holds(header, ask)) {
            unmet.push(format!("header `{}: {}`", header.0, header.1));
        }
        if let Some(request) = &self.request {
            unmet.push(format!(
                "the recorded request `{}`",
                request.get(..12).unwrap_or(request)
            ));
        }
        unmet
    }

    /// How near a request comes: fewer unmet conditions first, then how alike the steps and the models are.
    pub(super) fn nearness(&self, ask: &Ask<'_>) -> (Reverse<usize>, f64) {
        let alike = |wanted: &Option<String>, asked: Option<&str>| match (wanted, asked) {
            (Some(wanted), Some(asked)) => strsim::normalized_damerau_levenshtein(wanted, asked),
            _ => 0.0,
        };
        let likeness = alike(&self.step, ask.step) + alike(&self.model, ask.model);
        (Reverse(self.unmet(ask).len()), likeness)
    }
}

fn is_told(text: &str, ask: &Ask<'_>) -> bool {
    let told = |part: &Part<'_>| memmem::find(part.text.as_bytes(), text.as_bytes()).is_some();
    ask.parts.iter().any(told)
}

/// Of a header that came several times, one must fit.
fn header_holds((name, wanted): &(String, String), ask: &Ask<'_>) -> bool {
    ask.headers.is_some_and(|headers| {
        let mut values = headers.get_all(name).into_iter();
        values.any(|value| value.to_str().is_ok_and(|value| glob::fits(wanted, value)))
    })
}
