use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::mock::{Dialect, Received, Scenario, wire};

/// The models that a server claims to have: those that the scenario lists, else those that its rules name.
pub(super) fn of(scenario: &Scenario) -> Cow<'_, [String]> {
    if !scenario.models.is_empty() {
        return Cow::Borrowed(&scenario.models);
    }
    let named = scenario.rules.iter().filter_map(|rule| rule.when.model.as_ref());
    let mut models: Vec<String> = Vec::new();
    for model in named.filter(|model| !model.contains('*')) {
        if !models.contains(model) {
            models.push(model.clone());
        }
    }
    if models.is_empty() {
        models.push("mock".to_owned());
    }
    Cow::Owned(models)
}

/// The list of models, as the provider that is asked has it.
pub(super) fn list(received: &Received<'_>, models: &[String]) -> Vec<u8> {
    match received.dialect {
        Dialect::Messages => wire::anthropic_models(models, received.now),
        _ => wire::openai_models(models, received.now),
    }
}

/// One model; `None` where there is none of this name.
pub(super) fn one(received: &Received<'_>, models: &[String], id: &str) -> Option<Vec<u8>> {
    let id = percent_decode_str(id).decode_utf8().ok()?;
    let id: &str = &id;
    let known = models.iter().any(|model| model == id);
    known.then(|| match received.dialect {
        Dialect::Messages => wire::anthropic_model(id, received.now),
        _ => wire::openai_model(id, received.now),
    })
}
