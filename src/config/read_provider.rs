use secrecy::SecretString;
use serde_json::Value;
use toml::de::DeValue;
use url::Url;

use super::document::{Section, kind};
use super::endpoint::{ProviderConfig, Timers};
use super::origin::{Origin, Traced};
use super::proxy::Proxy;
use super::read_key::{read_key_command, read_key_env, read_keyring};
use super::surroundings::Surroundings;
use super::trust::Trust;
use crate::llm::wire::Dialect;
use crate::words::{Diagnostic, Span, printable_line};

/// Headers that are set for every request, or that would carry a key past the place where keys belong.
const OWN_HEADERS: [&str; 12] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Reads what only an endpoint has that is reached by HTTP.
pub(super) fn read_provider(
    section: &mut Section<'_, '_>,
    dialect: Dialect,
    around: &Surroundings<'_>,
) -> Option<ProviderConfig> {
    let url = match (section.has("url"), at_home(dialect)) {
        (false, Some(home)) => {
            section.take("url");
            Some(Traced::built_in(home))
        }
        _ => {
            let url = read_url(section);
            section.required("url", url)
        }
    };
    let model = section.text("model");
    let model = section.required("model", model);
    let key_env = read_key_env(section);
    let keyring = read_keyring(section);
    let key_command = read_key_command(section);
    let key_header = read_key_header(section, dialect);
    let max_tokens = section.whole("max_tokens", 1, 1 << 40);
    let num_ctx = match dialect {
        Dialect::Ollama => section.whole("num_ctx", 1, 1 << 40),
        Dialect::Chat | Dialect::Responses | Dialect::Messages => None,
    };
    let flag = section.flag("insecure_http").unwrap_or(Traced::built_in(false));
    let insecure_http = match around.insecure_http {
        true => Traced::new(true, Origin::Flag("--insecure-http")),
        false => flag,
    };
    let timers = read_timers(section);
    let retries = section
        .whole("retries", 0, 10)
        .map(|number| number.map(|number| number as u32));
    let body_limit = section.whole("body_limit", 1024, 1 << 30);
    let headers = read_headers(section, &key_header.value);
    let body = read_body(section, dialect.own_keys());
    let url = url?;
    Some(ProviderConfig {
        dialect,
        proxy: Proxy::of(&url.value, around.environment),
        trust: Trust::of(around.environment),
        key_env: key_env.or_else(|| key_at_home(dialect, &url.value)),
        url,
        model: model?,
        keyring,
        key_command,
        key_header,
        max_tokens,
        num_ctx,
        body,
        headers,
        insecure_http,
        timers,
        retries: retries.unwrap_or(Traced::built_in(2)),
        body_limit: body_limit.unwrap_or(Traced::built_in(16 << 20)),
    })
}

/// The address of the provider's own service.
fn at_home(dialect: Dialect) -> Option<Url> {
    Url::parse(dialect.home()?.url).ok()
}

/// The variable that the provider's own clients take the key from. It goes to the provider's own service only: whoever
/// else answers in its dialect is not to be handed its key.
fn key_at_home(dialect: Dialect, url: &Url) -> Option<Traced<String>> {
    let is_home = at_home(dialect).is_some_and(|home| home.origin() == url.origin());
    let name = dialect.home()?.key_env.filter(|_| is_home)?;
    Some(Traced::built_in(name.to_owned()))
}

fn read_timers(section: &mut Section<'_, '_>) -> Timers {
    let built_in = Timers::default();
    Timers {
        connect: section.time("connect_timeout").unwrap_or(built_in.connect),
        header: section.time("header_timeout").unwrap_or(built_in.header),
        idle: section.time("idle_timeout").unwrap_or(built_in.idle),
        retry_wait: section.time("retry_wait").unwrap_or(built_in.retry_wait),
    }
}

fn read_url(section: &mut Section<'_, '_>) -> Option<Traced<Url>> {
    let (span, value) = section.take("url")?;
    let document = section.document();
    let key = span.clone();
    let wrong = |why: &str| Diagnostic::error("not-a-url", format!("`url` in {} {why}", section.name));
    let example =
        "write the base URL as the provider's own client takes it, such as `https://api.example.com/v1`";
    let refuse = |diagnostic: Diagnostic, hidden: bool| {
        match hidden {
            true => document.secret_problem(&span, &(key.start..key.start), diagnostic),
            false => document.problem(&span, diagnostic),
        }
        None
    };
    let Some(text) = value.as_str() else {
        return refuse(wrong("must be a text").found(kind(&value)).help(example), false);
    };
    let url = match Url::parse(text) {
        Ok(url) => url,
        // What is no URL may still have a password in it.
        Err(error) => {
            return refuse(
                wrong(&format!("is not a URL: {error}")).help(example),
                text.contains('@'),
            );
        }
    };
    if !url.username().is_empty() || url.password().is_some() {
        let diagnostic =
            wrong("holds a user name or a password").help("name a variable with `key_env` instead");
        return refuse(diagnostic, true);
    }
    if !matches!(url.scheme(), "http" | "https") {
        return refuse(
            wrong("must begin with `https://` or `http://`").help(example),
            false,
        );
    }
    if url.fragment().is_some() {
        return refuse(wrong("must not have a `#` part"), false);
    }
    let origin = document.origin(&span);
    Some(Traced::new(url, origin))
}

fn read_key_header(section: &mut Section<'_, '_>, dialect: Dialect) -> Traced<String> {
    let own = || Traced::built_in(dialect.key_header().to_owned());
    let Some((span, value)) = section.take("key_header") else {
        return own();
    };
    let document = section.document();
    let lower = value.as_str().unwrap_or_default().to_ascii_lowercase();
    let is_ours = OWN_HEADERS.contains(&lower.as_str()) && lower != "authorization";
    if is_header_name(&lower) && !is_ours {
        return Traced::new(lower, document.origin(&span));
    }
    let message = format!(
        "`key_header` in {} must be the name of a header that can carry a key",
        section.name
    );
    let diagnostic = Diagnostic::error("wrong-type", message).help(
        "write it as the server's manual does, such as `key_header = \"api-key\"`, never the key itself",
    );
    // It may be the key itself: it is not shown.
    document.secret_problem(&span, &(span.start..span.start), diagnostic);
    own()
}

fn is_header_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part)
}

fn read_headers(section: &mut Section<'_, '_>, key_header: &str) -> Vec<(String, Traced<SecretString>)> {
    let name = format!("`headers` of {}", section.name);
    let Some(mut headers) = section.section("headers", &name) else {
        return Vec::new();
    };
    let document = headers.document();
    let mut read = Vec::new();
    for key in headers.rest() {
        let Some((key_span, value)) = headers.entry(&key) else {
            continue;
        };
        let shown = printable_line(&key).into_owned();
        let lower = key.to_ascii_lowercase();
        let refuse = |why: &str, span: &Span| {
            let message = format!("header `{shown}` in {name} {why}");
            let diagnostic = Diagnostic::error("bad-header", message);
            document.secret_problem(span, &key_span, diagnostic);
        };
        if !is_header_name(&key) {
            refuse("has a character that no header name has", &key_span);
        } else if OWN_HEADERS.contains(&lower.as_str()) || lower == key_header {
            refuse("is set by stepgate itself; a key comes from `key_env`", &key_span);
        } else {
            match value.get_ref().as_str() {
                Some(text) if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) => {
                    let origin = document.origin(&value.span());
                    read.push((key, Traced::new(text.into(), origin)));
                }
                _ => refuse("must be a text of visible ASCII characters", &value.span()),
            }
        }
    }
    read
}

fn read_body(section: &mut Section<'_, '_>, own: &[&str]) -> Vec<(String, Traced<Value>)> {
    let document = section.document();
    let name = format!("`body` of {}", section.name);
    let Some(mut body) = section.section("body", &name) else {
        return Vec::new();
    };
    let mut read = Vec::new();
    for key in body.rest() {
        let Some((key_span, value)) = body.entry(&key) else {
            continue;
        };
        let shown = printable_line(&key).into_owned();
        if own.contains(&key.as_str()) {
            let message = format!("`{shown}` in {name} is set by stepgate itself");
            document.secret_problem(&key_span, &key_span, Diagnostic::error("bad-body", message));
        } else if let Some(json) = json(value.get_ref()) {
            read.push((key, Traced::new(json, document.origin(&value.span()))));
        } else {
            let message = format!("`{shown}` in {name} has no counterpart in JSON");
            document.secret_problem(&value.span(), &key_span, Diagnostic::error("bad-body", message));
        }
    }
    read
}

/// A TOML value as JSON; `None` for a date, an infinity, and a number that is too large.
fn json(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::String(text.clone().into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok()?.into(),
        DeValue::Float(number) => serde_json::Number::from_f64(number.as_str().parse().ok()?)?.into(),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Datetime(_) => return None,
        DeValue::Array(list) => Value::Array(
            list.iter()
                .map(|item| json(item.get_ref()))
                .collect::<Option<_>>()?,
        ),
        DeValue::Table(table) => Value::Object(
            table
                .iter()
                .map(|(key, item)| Some((key.get_ref().clone().into_owned(), json(item.get_ref())?)))
                .collect::<Option<_>>()?,
        ),
    })
}

#[cfg(test)]
mod tests;
