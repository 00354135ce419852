use toml::de::DeValue;

use super::document::{Section, kind, list, nearest};
use super::endpoint::{EndpointConfig, EndpointKind};
use super::origin::Traced;
use super::read_command::read_command;
use super::read_provider::read_provider;
use super::secret;
use super::surroundings::Surroundings;
use crate::llm::Price;
use crate::llm::wire::Dialect;
use crate::words::{Diagnostic, printable_line};

/// The kinds that `kind = "…"` knows.
const KINDS: [&str; 7] = [
    "openai",
    "openai-responses",
    "anthropic",
    "ollama",
    "manual",
    "mock",
    "command",
];

/// Reads `[endpoint.NAME]`. `None` when something in it is wrong; the document knows what.
pub(super) fn read(
    name: &str,
    mut section: Section<'_, '_>,
    around: &Surroundings<'_>,
) -> Option<EndpointConfig> {
    let document = section.document();
    let origin = document.origin(&section.span.clone());
    let own = section.span.clone();
    let context_tokens = section.whole("context_tokens", 1, 1 << 40);
    let price = section
        .section("price", &format!("`price` of endpoint `{name}`"))
        .and_then(read_price);
    let batch_price = section
        .section("batch_price", &format!("`batch_price` of endpoint `{name}`"))
        .and_then(read_price);
    let kind = match section.take("kind") {
        None => {
            let message = format!("endpoint `{name}` has no `kind`");
            let known = format!("known kinds: {}", list(KINDS.into_iter()));
            document.problem(&own, Diagnostic::error("missing-key", message).help(known));
            return None;
        }
        Some((_, DeValue::String(word))) if word == "manual" => Some(EndpointKind::Manual),
        Some((_, DeValue::String(word))) if word == "mock" => {
            let scenario = section.text("scenario");
            section
                .required("scenario", scenario)
                .map(|path| EndpointKind::Mock {
                    scenario: path.map(|path| around.folder.join(path)),
                })
        }
        Some((_, DeValue::String(word))) if word == "command" => {
            read_command(&mut section, around).map(|command| EndpointKind::Command(Box::new(command)))
        }
        Some((span, other)) => {
            let spoken = |dialect: &Dialect| other.as_str() == Some(dialect.word());
            let Some(dialect) = Dialect::ALL.into_iter().find(spoken) else {
                document.problem(&span, unknown_kind(name, &other));
                return None;
            };
            read_provider(&mut section, dialect, around).map(|mut provider| {
                if dialect == Dialect::Ollama && provider.num_ctx.is_none() {
                    // Its server cuts at a number of its own where none is sent.
                    provider.num_ctx.clone_from(&context_tokens);
                }
                EndpointKind::Provider(Box::new(provider))
            })
        }
    };
    section.finish(|key| secret_key(key, name));
    Some(EndpointConfig {
        name: name.to_owned(),
        origin,
        context_tokens,
        price,
        batch_price,
        kind: kind?,
    })
}

fn unknown_kind(name: &str, value: &DeValue<'_>) -> Diagnostic {
    let known = format!("known kinds: {}", list(KINDS.into_iter()));
    match value.as_str() {
        Some(word) => {
            let word = printable_line(word);
            let message = format!("endpoint `{name}` is of the unknown kind `{word}`");
            let diagnostic = Diagnostic::error("unknown-kind", message);
            match nearest(&word, KINDS.into_iter()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")).help(known),
                None => diagnostic.help(known),
            }
        }
        None => {
            let message = format!("`kind` in `[endpoint.{name}]` must be a text");
            Diagnostic::error("wrong-type", message)
                .found(kind(value))
                .help(known)
        }
    }
}

/// A key in a file is the mistake that must not be answered with "did you mean" alone.
fn secret_key(key: &str, name: &str) -> Option<Diagnostic> {
    secret::is_named(key).then(|| {
        let message = format!("unknown key `{key}` in `[endpoint.{name}]`: a key never stands in this file");
        Diagnostic::error("unknown-key", message).help(
            "name the variable that holds it: `key_env = \"VARIABLE\"`, and take the key out of this file",
        )
    })
}

fn read_price(mut section: Section<'_, '_>) -> Option<Traced<Price>> {
    let origin = section.document().origin(&section.span);
    let (input, cached, output) = (
        section.number("input"),
        section.number("cached"),
        section.number("output"),
    );
    let currency = section.text("currency");
    let input = section.required("input", input);
    let output = section.required("output", output);
    section.finish(|_| None);
    let input = input?.value;
    let price = Price {
        input,
        cached: cached.map_or(input, |cached| cached.value),
        output: output?.value,
        currency: currency.map(|currency| printable_line(&currency.value).into_owned()),
    };
    Some(Traced::new(price, origin))
}
