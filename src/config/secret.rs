//! What is taken for a secret by where it stands, or by what it looks like.

use std::borrow::Cow;

use serde_json::Value;
use url::Url;

/// How the keys of well-known services begin, where that could be the beginning of a variable's name.
const BEGINNINGS: [&str; 12] = [
    "AIza",
    "AKIA",
    "ghp_",
    "github_pat_",
    "glpat_",
    "gsk_",
    "hf_",
    "pk_",
    "r8_",
    "sk_",
    "tgp_",
    "xai_",
];

/// The values of a query that may be secrets: all but versions, which Azure has there.
pub(super) fn of_query(url: &Url) -> impl Iterator<Item = Cow<'_, str>> {
    let pairs = url.query_pairs();
    pairs
        .filter(|(name, value)| !name.ends_with("version") && !value.is_empty())
        .map(|(_, value)| value)
}

/// Whether what is set by this name is a key by all that the name says.
pub(super) fn is_named(name: &str) -> bool {
    let secret = [
        "key", "api_key", "apikey", "api-key", "token", "secret", "password",
    ];
    secret.contains(&name.to_lowercase().as_str())
}

/// Hands on every text in `value` that stands under a name for a key, at any depth.
pub(super) fn of_json(name: &str, value: &Value, tell: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) if is_named(name) => tell(text),
        // What a list holds is called by the name of the list.
        Value::Array(list) => list.iter().for_each(|item| of_json(name, item, tell)),
        Value::Object(fields) => fields.iter().for_each(|(name, item)| of_json(name, item, tell)),
        _ => {}
    }
}

/// A value as it may be shown: without the texts that [`of_json`] tells.
pub(super) fn shown_json(name: &str, value: &Value) -> Value {
    match value {
        Value::String(_) if is_named(name) => "(not shown)".into(),
        Value::Array(list) => list.iter().map(|item| shown_json(name, item)).collect(),
        Value::Object(fields) => {
            let shown = fields
                .iter()
                .map(|(name, item)| (name.clone(), shown_json(name, item)));
            Value::Object(shown.collect())
        }
        other => other.clone(),
    }
}

/// Whether a text that is to name a variable looks like a key itself: it begins as those of a service do, or has a long run
/// of lower-case letters and digits, which no name is made of.
pub(super) fn looks_like_key(text: &str) -> bool {
    let begins = BEGINNINGS.iter().any(|start| text.starts_with(start));
    let mixed = |text: &str| {
        text.contains(|c: char| c.is_ascii_lowercase()) && text.contains(|c: char| c.is_ascii_digit())
    };
    let long = |part: &str| part.len() >= 8 && mixed(part);
    (begins && text.len() >= 16) || (text.len() >= 20 && text.split('_').any(long))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_from_the_name_of_a_variable() {
        let keys = [
            "gsk_AbC123AbC123",
            "hf_abcdefghijklmnopqrstuvwxyz",
            "AIzaSyA0123456789abcdefghij",
            "AKIAIOSFODNN7EXAMPLE",
            "a1b2c3d4e5f60718293a4b5c6d7e8f90",
        ];
        let names = [
            "OPENAI_API_KEY",
            "AZURE_OPENAI_API_KEY_2024_EUROPE",
            "my_company_openai_key_v2",
            "sk_key",
            "K8S_CLUSTER_PRODUCTION_TOKEN",
        ];
        for key in keys {
            assert!(looks_like_key(key), "{key}");
        }
        for name in names {
            assert!(!looks_like_key(name), "{name}");
        }
    }

    #[test]
    fn what_stands_under_a_name_for_a_key_is_told_at_any_depth() {
        let value = serde_json::json!({"api_key": "one", "in": [{"Token": ["two", 3]}], "model": "m"});
        let mut told = Vec::new();
        of_json("extra", &value, &mut |text| told.push(text.to_owned()));
        assert_eq!(told, ["one", "two"]);
        let hidden = "(not shown)";
        assert_eq!(
            shown_json("extra", &value),
            serde_json::json!({"api_key": hidden, "in": [{"Token": [hidden, 3]}], "model": "m"})
        );
        assert_eq!(shown_json("secret", &"x".into()), hidden);
    }
}
