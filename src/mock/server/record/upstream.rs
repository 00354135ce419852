use std::time::Duration;

use http::header::{self, HeaderMap, HeaderValue};
use url::Url;

use super::head;
use crate::config::{Environment, Proxy, is_loopback};
use crate::llm::client::{bare, innermost};
use crate::words::{Exit, Failure};

/// How long a connection may take. Nothing else has a limit: how long a reply takes is the client's to judge.
const CONNECT: Duration = Duration::from_secs(30);

/// The real server.
#[derive(Debug)]
pub struct Upstream {
    base: Url,
    client: reqwest::Client,
}

impl Upstream {
    /// The server below `base`, reached through the proxy that the environment names for it.
    ///
    /// Fails with exit code 2 for a URL that is not HTTP or holds a user's name, and 6 when requests, and the keys in
    /// them, would go over plain HTTP to another machine and `insecure_http` does not say that they may, or when there
    /// is no way to connect at all.
    pub fn new(base: &Url, environment: &Environment, insecure_http: bool) -> Result<Self, Failure> {
        let usage = |why: &str| Failure::new(Exit::Usage, "record-upstream", why);
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(usage("the upstream is no `http://` or `https://` URL"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(usage("the URL of the upstream holds a user's name or password")
                .help("let the client send it, as it would to the server"));
        }
        let shown = shown(base);
        if base.scheme() == "http" && !is_loopback(base) && !insecure_http {
            let text = format!("keys would go to `{shown}` over plain HTTP, where others can read them");
            return Err(Failure::new(Exit::Configuration, "insecure-http", text)
                .help("use an `https://` URL")
                .help("or say that they may: `--insecure-http`"));
        }
        let proxy = Proxy::of(base, environment);
        let client = bare(base, proxy.as_ref(), CONNECT)
            .and_then(|builder| builder.build().map_err(|error| innermost(&error)));
        let client = client.map_err(|why| {
            let text = format!("cannot make connections to `{shown}`: {why}");
            Failure::new(Exit::Configuration, "no-client", text)
        })?;
        Ok(Self {
            base: base.clone(),
            client,
        })
    }

    /// Its URL without the query, which may hold a key.
    pub(super) fn shown(&self) -> String {
        shown(&self.base)
    }

    /// The query that is put on every request.
    pub(super) fn query(&self) -> Option<&str> {
        self.base.query()
    }

    /// Sends a request on: the method, the path below the base, the body, and all headers but those of the connection.
    /// Bytes are asked for as they are, without compression.
    ///
    /// Fails when no response begins; the text tells why.
    pub(super) async fn send(
        &self,
        parts: &http::request::Parts,
        path_and_query: &str,
        body: reqwest::Body,
    ) -> Result<reqwest::Response, String> {
        let url = join(&self.base, path_and_query);
        let url = Url::parse(&url).map_err(|error| format!("the path makes no URL: {error}"))?;
        let mut request = reqwest::Request::new(parts.method.clone(), url);
        *request.headers_mut() = headers(&parts.headers);
        *request.body_mut() = Some(body);
        self.client.execute(request).await.map_err(|error| {
            let doing = if error.is_connect() {
                "cannot reach"
            } else {
                "no answer from"
            };
            format!("{doing} `{}`: {}", self.shown(), innermost(&error))
        })
    }
}

fn shown(base: &Url) -> String {
    let mut shown = base.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    shown.as_str().trim_end_matches('/').to_owned()
}

fn headers(came: &HeaderMap) -> HeaderMap {
    let mut headers = head::end_to_end(came);
    headers.remove(header::HOST);
    // The length is said by who sends the body.
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
}

/// The client's path below the base, as text, so that no byte of it changes. A base that ends in `/v1`, as the providers'
/// own clients take it, does not double the `/v1` that a path begins with.
fn join(base: &Url, path_and_query: &str) -> String {
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    let mut prefix = base.path().trim_end_matches('/');
    if path == "/v1" || path.starts_with("/v1/") {
        prefix = prefix.strip_suffix("/v1").unwrap_or(prefix);
    }
    let mut url = format!("{}{prefix}{path}", base.origin().ascii_serialization());
    let queries = [base.query(), query];
    for (query, mark) in queries.into_iter().flatten().zip(['?', '&']) {
        url.push(mark);
        url.push_str(query);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_below_the_base() {
        for (base, path, expected) in [
            ("https://api.example", "/v1/x", "https://api.example/v1/x"),
            (
                "https://api.example/",
                "/v1/x?a=%20b&",
                "https://api.example/v1/x?a=%20b&",
            ),
            ("https://api.example/v1", "/v1/x", "https://api.example/v1/x"),
            ("https://api.example/v1/", "/v1", "https://api.example/v1"),
            ("https://api.example/v1", "/x", "https://api.example/v1/x"),
            (
                "https://api.example/v1",
                "/v1beta/x",
                "https://api.example/v1/v1beta/x",
            ),
            (
                "https://host:8443/gateway/v1",
                "/v1/x",
                "https://host:8443/gateway/v1/x",
            ),
            ("https://host/gateway", "/v1/x", "https://host/gateway/v1/x"),
            (
                "https://az.example/o?api-version=1",
                "/x?a=1",
                "https://az.example/o/x?api-version=1&a=1",
            ),
            (
                "https://az.example/o?api-version=1",
                "/x",
                "https://az.example/o/x?api-version=1",
            ),
            ("http://[::1]:80/", "/", "http://[::1]/"),
        ] {
            assert_eq!(join(&Url::parse(base).unwrap(), path), expected);
        }
    }

    fn refused(url: &str) -> Option<(Exit, String)> {
        let upstream = Upstream::new(&Url::parse(url).unwrap(), &Environment::default(), false);
        upstream.err().map(|failure| (failure.exit, failure.to_string()))
    }

    #[test]
    fn keys_do_not_go_in_the_open() {
        let text = "keys would go to `http://host.example/v1` over plain HTTP, where others can read them";
        assert_eq!(
            refused("http://host.example/v1?key=k"),
            Some((Exit::Configuration, text.to_owned()))
        );
        assert_eq!(refused("http://localhost:1/v1"), None);
        assert_eq!(refused("http://127.0.0.1:1"), None);
        let text = "the URL of the upstream holds a user's name or password";
        assert_eq!(
            refused("http://u:p@127.0.0.1:1"),
            Some((Exit::Usage, text.to_owned()))
        );
        let text = "the upstream is no `http://` or `https://` URL";
        assert_eq!(
            refused("ftp://host.example"),
            Some((Exit::Usage, text.to_owned()))
        );
        let host = Url::parse("http://host.example").unwrap();
        assert!(Upstream::new(&host, &Environment::default(), true).is_ok());
    }
}
