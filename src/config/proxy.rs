use secrecy::SecretString;
use url::Url;

use super::Environment;
use super::origin::Origin;

/// A proxy out of the environment.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// Its URL, perhaps with a password.
    pub url: SecretString,
    /// Its URL without user and password, for messages.
    pub shown: String,
    /// The variable.
    pub origin: Origin,
}

impl Proxy {
    /// The proxy that the environment names for `url`, unless `NO_PROXY` has its host. A loopback host never has one:
    /// what is meant for this machine must not leave it.
    pub(crate) fn of(url: &Url, environment: &Environment) -> Option<Self> {
        if is_loopback(url) {
            return None;
        }
        let of_scheme = match url.scheme() {
            "https" => ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
            _ => ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"],
        };
        let (name, proxy) = of_scheme.into_iter().find_map(|name| {
            let value = environment.var(name)?.to_str()?;
            Some((name, value))
        })?;
        let except = ["NO_PROXY", "no_proxy"]
            .into_iter()
            .find_map(|name| environment.var(name)?.to_str());
        let matcher = hyper_util::client::proxy::matcher::Matcher::builder()
            .all(proxy)
            .no(except.unwrap_or_default())
            .build();
        let found = matcher.intercept(&url.as_str().parse().ok()?)?;
        Some(Self {
            url: proxy.into(),
            shown: found.uri().to_string().trim_end_matches('/').to_owned(),
            origin: Origin::Variable(name.to_owned()),
        })
    }
}

/// Whether a URL names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
