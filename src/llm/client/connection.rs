use std::io;
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret as _;

use super::tls_words;
use super::trouble::{Obstacle, Trouble};
use crate::config::{ProviderConfig, Proxy};
use crate::keys::Key;
use crate::llm::wire::Framing;

/// Makes the client of one endpoint: a [bare] one with the headers of the configuration.
///
/// Fails when the machine has no certificates to trust, or the proxy is of an unknown kind; the text tells.
pub(super) fn client(config: &ProviderConfig, key: Option<&Key>) -> Result<reqwest::Client, String> {
    let builder = bare(
        &config.url.value,
        config.proxy.as_ref(),
        config.timers.connect.value,
    )?;
    let builder = trusting(builder, config)?;
    builder
        .user_agent(concat!("stepgate/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers(config, key)?)
        .build()
        .map_err(|error| innermost(&error))
}

/// Begins a client that adds nothing: no redirects, no cookies, no compression, a connection for each request, and the
/// proxy that is given, not one that is read behind its back. `connect` is the time that a connection may take.
///
/// Fails when the proxy is of an unknown kind; the text tells.
pub(crate) fn bare(
    url: &reqwest::Url,
    proxy: Option<&Proxy>,
    connect: Duration,
) -> Result<reqwest::ClientBuilder, String> {
    // A second call finds the provider of the first, which is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        // Minutes lie between two steps: a connection kept that long is as likely dead, and a request that dies with it
        // may or may not have been received.
        .pool_max_idle_per_host(0)
        .connect_timeout(connect)
        .no_proxy();
    if let Some(proxy) = proxy {
        let used = reqwest::Proxy::all(proxy.url.expose_secret()).map_err(|error| innermost(&error))?;
        builder = builder.proxy(used);
    } else if url.scheme() == "http" {
        // No certificate is ever looked at, so none need be there: a container with a local server often has none.
        builder = builder.tls_certs_only([]);
    }
    Ok(builder)
}

/// Lets the client trust what the environment names, where it needs to trust anybody.
fn trusting(
    builder: reqwest::ClientBuilder,
    config: &ProviderConfig,
) -> Result<reqwest::ClientBuilder, String> {
    let Some(trust) = config
        .trust
        .as_ref()
        .filter(|_| config.url.value.scheme() == "https")
    else {
        return Ok(builder);
    };
    let Some(pem) = trust.read()? else {
        return Ok(builder);
    };
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if certificates.is_empty() {
        let path = trust.path.value.display();
        return Err(format!(
            "there is no certificate in `{path}`, which {} names",
            trust.path.origin
        ));
    }
    Ok(builder.tls_certs_only(certificates))
}

fn headers(config: &ProviderConfig, key: Option<&Key>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in config.dialect.headers() {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    for (name, value) in &config.headers {
        let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
        let mut value =
            HeaderValue::try_from(value.value.expose_secret()).map_err(|error| error.to_string())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    if let Some(key) = key {
        let name = HeaderName::try_from(&config.key_header.value).map_err(|error| error.to_string())?;
        let value = if name == header::AUTHORIZATION {
            HeaderValue::try_from(format!("Bearer {}", key.expose()))
        } else {
            HeaderValue::try_from(key.expose())
        };
        let mut value = value.map_err(|error| error.to_string())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    let accepted = match config.dialect.framing() {
        Framing::Events => "text/event-stream, application/json",
        Framing::Lines => "application/x-ndjson, application/json",
    };
    headers.insert(header::ACCEPT, HeaderValue::from_static(accepted));
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(headers)
}

/// What an error before the headers means. `connect` is the time that a connection may take.
pub(super) fn trouble(error: &reqwest::Error, connect: Duration) -> Trouble {
    let text = causes(error)
        .find_map(tls)
        .map_or_else(|| innermost(error), tls_words::words);
    if !error.is_connect() {
        return Trouble::Dropped(text);
    }
    let obstacle = if error.is_dns() || causes(error).any(|cause| cause.to_string() == "dns error") {
        Obstacle::Name
    } else if causes(error).find_map(tls).is_some() {
        Obstacle::Tls
    } else if error.is_timeout() {
        Obstacle::Slow(connect)
    } else if causes(error).any(|cause| kind(cause) == Some(io::ErrorKind::ConnectionRefused)) {
        Obstacle::Refused
    } else {
        Obstacle::Other
    };
    Trouble::Unreachable(obstacle, text)
}

/// What lies at the bottom of an error, in its own words: the layers above only say that something failed.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let last = causes(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string);
    match last.find(" (os error") {
        Some(at) => last[..at].to_lowercase(),
        None => last,
    }
}

fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |cause| cause.source())
}

fn tls<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    // The TLS error hides inside of I/O errors, which show only what lies beneath it.
    let inside = || {
        let inside = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref)?;
        tls(inside)
    };
    cause.downcast_ref().or_else(inside)
}

fn kind(cause: &(dyn std::error::Error + 'static)) -> Option<io::ErrorKind> {
    cause.downcast_ref::<io::Error>().map(io::Error::kind)
}
