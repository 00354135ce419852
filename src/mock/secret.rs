//! Which names hold secrets.

/// Parts of a name that say that its value is a secret.
const SECRET: [&str; 29] = [
    "apikey",
    "auth",
    "authentication",
    "authkey",
    "authorization",
    "accesskey",
    "bearer",
    "cookie",
    "credential",
    "credentials",
    "hmac",
    "jwt",
    "key",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "session",
    "sessionid",
    "sharedkey",
    "sid",
    "sig",
    "signature",
    "signingkey",
    "token",
];

/// Ends of parts that were written together, as in `accesstoken`.
const SECRET_ENDS: [&str; 4] = ["apikey", "password", "secret", "token"];

/// Two parts of a name, one after the other, that are no secret although one of them by itself would be: places in a
/// list, names for a request that a server repeats on purpose, words about keys.
const HARMLESS: [(&str, &str); 18] = [
    ("allow", "credentials"),
    ("auth", "type"),
    ("cache", "key"),
    ("continuation", "token"),
    ("cursor", "token"),
    ("idempotency", "key"),
    ("key", "type"),
    ("max", "token"),
    ("next", "token"),
    ("page", "token"),
    ("partition", "key"),
    ("public", "key"),
    ("resume", "token"),
    ("sort", "key"),
    ("surrogate", "key"),
    ("sync", "token"),
    ("token", "count"),
    ("token", "type"),
];

/// Whether the value of a header or of a parameter of a query with this name is a secret.
///
/// The name is judged by its parts, which end at every character that is no letter or digit, and before a capital that
/// follows a small letter: `x-goog-api-key`, `auth_key` and `accessToken` hold secrets, `max_tokens` and `page_token`
/// do not. A name that is not known errs towards a secret where a part says so.
pub(crate) fn is_secret(name: &str) -> bool {
    let parts = parts(name);
    if parts.starts_with(&["x".to_owned(), "stainless".to_owned()]) {
        return false;
    }
    let mut at = 0;
    while let Some(part) = parts.get(at) {
        let next = parts.get(at + 1).map_or("", String::as_str);
        if HARMLESS.contains(&(part.as_str(), next)) {
            at += 2;
        } else if says_so(part) {
            return true;
        } else {
            at += 1;
        }
    }
    false
}

fn says_so(part: &str) -> bool {
    let together = |end: &str| {
        let before = part.strip_suffix(end);
        before.is_some_and(|before| !HARMLESS.contains(&(before, end)))
    };
    SECRET.contains(&part) || part.starts_with("subscription") || SECRET_ENDS.into_iter().any(together)
}

/// The parts of a name in lower case, without the digits that count them.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut small = false;
    for letter in name.chars() {
        let splits = !letter.is_alphanumeric();
        if let Some(part) = parts.last_mut()
            && !splits
            && !(small && letter.is_uppercase())
        {
            part.extend(letter.to_lowercase());
        } else {
            let begins = letter.to_lowercase().filter(|_| !splits);
            parts.push(begins.collect());
        }
        small = letter.is_lowercase();
    }
    let without = |part: &String| {
        part.trim_end_matches(|letter: char| letter.is_ascii_digit())
            .to_owned()
    };
    parts
        .iter()
        .map(without)
        .filter(|part| !part.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_judged_by_its_parts() {
        let secret = [
            "Authorization",
            "proxy-authorization",
            "cookie",
            "Set-Cookie",
            "x-api-key",
            "x-goog-api-key",
            "api_key",
            "apikey",
            "APIKey",
            "apiKey2",
            "key",
            "auth_key",
            "access_token",
            "accessToken",
            "accesstoken",
            "clientSecret",
            "clientsecret",
            "user[password]",
            "sig",
            "x-amz-signature",
            "X-Amz-Security-Token",
            "X-Amz-Credential",
            "AWSAccessKeyId",
            "Ocp-Apim-Subscription-Key",
            "subscription",
            "subscriptionKey",
            "x-session-id",
            "idempotency_key_secret",
        ];
        let open = [
            "",
            "content-type",
            "page_token",
            "nextPageToken",
            "pagetoken",
            "max_tokens",
            "max_token",
            "x-ms-continuation-token",
            "x-ms-continuationtoken",
            "next_token",
            "Idempotency-Key",
            "x-stainless-retry-count",
            "x-stainless-key",
            "x-ratelimit-remaining-tokens",
            "anthropic-ratelimit-tokens-reset",
            "prompt_cache_key",
            "access-control-allow-credentials",
            "token_type",
            "author",
            "monkey",
            "design",
            "www-authenticate",
            "api-version",
        ];
        let wrong: Vec<&str> = secret.into_iter().filter(|name| !is_secret(name)).collect();
        assert_eq!(wrong, [""; 0], "taken for open");
        let wrong: Vec<&str> = open.into_iter().filter(|name| is_secret(name)).collect();
        assert_eq!(wrong, [""; 0], "taken for secret");
    }
}
