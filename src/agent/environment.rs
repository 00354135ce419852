use std::ffi::OsString;

use crate::config::Environment;

/// Variables that every agent sees: where it is, who runs it, how it reaches the network, and no key.
const PASSED: [&str; 33] = [
    "ALL_PROXY",
    "COLORTERM",
    "CURL_CA_BUNDLE",
    "FTP_PROXY",
    "GIT_SSL_CAINFO",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LANGUAGE",
    "LOGNAME",
    "NIX_SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "NODE_USE_SYSTEM_CA",
    "NO_COLOR",
    "NO_PROXY",
    "PATH",
    "REQUESTS_CA_BUNDLE",
    "SHELL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "all_proxy",
    "ftp_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "__CF_USER_TEXT_ENCODING",
];

/// The environment of an agent: what every agent sees, and what the user lists for this one.
pub(super) fn passed(environment: &Environment, listed: &[&str]) -> Vec<(OsString, OsString)> {
    environment.chosen(|name| {
        PASSED.contains(&name)
            || name.starts_with("LC_")
            || name.starts_with("XDG_")
            || listed.contains(&name)
    })
}

/// Values among those the user lists that are secrets, going by the names: they are taken out of all that is kept.
pub(super) fn secrets(environment: &Environment, listed: &[&str]) -> Vec<String> {
    const WORDS: [&str; 7] = ["KEY", "TOKEN", "SECRET", "PASS", "CREDENTIAL", "AUTH", "COOKIE"];
    let secret = |name: &str| {
        let name = name.to_uppercase();
        WORDS.iter().any(|word| name.contains(word))
    };
    let chosen = environment.chosen(|name| listed.contains(&name) && secret(name));
    let values = chosen.into_iter().map(|(_, value)| value.into_string());
    values.filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_by_list() {
        let environment: Environment = [
            ("HOME", "/h"),
            ("LC_ALL", "C"),
            ("XDG_CONFIG_HOME", "/c"),
            ("OPENAI_API_KEY", "sk-1234"),
            ("MY_KEY", "mine"),
            ("MY_FLAG", "1"),
            ("LD_PRELOAD", "x.so"),
        ]
        .into_iter()
        .collect();
        let names = |listed: &[&str]| -> Vec<String> {
            let pairs = passed(&environment, listed).into_iter();
            pairs.map(|(name, _)| name.into_string().unwrap()).collect()
        };
        assert_eq!(names(&[]), ["HOME", "LC_ALL", "XDG_CONFIG_HOME"]);
        let listed = ["MY_KEY", "MY_FLAG", "NOT_SET"];
        assert_eq!(
            names(&listed),
            ["HOME", "LC_ALL", "MY_FLAG", "MY_KEY", "XDG_CONFIG_HOME"]
        );
        assert_eq!(secrets(&environment, &listed), ["mine"]);
    }
}
