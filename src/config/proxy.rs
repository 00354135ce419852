use secrecy::SecretString;
use url::Url;

use super::Environment;
use super::origin::Origin;

/// The variables that name one, in either case.
const NAMES: [&str; 6] = [
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
];

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
    /// Hands on the password of every proxy that the environment names, whatever it is used for: what is run by stepgate may
    /// print any of them. As it stands there and as it is meant.
    pub(crate) fn passwords(environment: &Environment, tell: &mut dyn FnMut(&str)) {
        for name in NAMES {
            let value = environment.var(name).map(|value| value.to_string_lossy());
            let value = value.as_deref().unwrap_or_default();
            let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
            let user = rest.rsplit_once('@').map(|(user, _)| user);
            let Some((_, password)) = user.and_then(|user| user.split_once(':')) else {
                continue;
            };
            tell(password);
            tell(&percent_encoding::percent_decode_str(password).decode_utf8_lossy());
        }
    }

    /// The proxy that the environment names for `url`, unless `no_proxy` has its host, by the conventions of curl: lower case
    /// goes before upper case, and `HTTP_PROXY` is not read, for a web server passes a visitor's `Proxy` header on by that
    /// name. A loopback host never has one: what is meant for this machine must not leave it.
    pub(crate) fn of(url: &Url, environment: &Environment) -> Option<Self> {
        if is_loopback(url) {
            return None;
        }
        let of_scheme = match url.scheme() {
            "https" => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"][..],
            _ => &["http_proxy", "all_proxy", "ALL_PROXY"],
        };
        let (name, proxy) = of_scheme.iter().find_map(|name| {
            let value = environment.var(name)?.to_str()?;
            Some((name, value))
        })?;
        let except = ["no_proxy", "NO_PROXY"]
            .into_iter()
            .find_map(|name| environment.var(name)?.to_str());
        // The library takes a star for every name, and for no address.
        if except.is_some_and(|except| except.trim() == "*") {
            return None;
        }
        let matcher = hyper_util::client::proxy::matcher::Matcher::builder()
            .all(proxy)
            .no(except.unwrap_or_default())
            .build();
        let found = matcher.intercept(&url.as_str().parse().ok()?)?;
        Some(Self {
            url: proxy.into(),
            shown: found.uri().to_string().trim_end_matches('/').to_owned(),
            origin: Origin::Variable((*name).to_owned()),
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

#[cfg(test)]
mod tests;
