use http::HeaderMap;

/// How the keys begin that providers give out, each with the length from which a text is one.
const BEGINNINGS: [(&str, usize); 9] = [
    ("sk-proj-", 40),
    ("sk-svcacct-", 40),
    ("sk-admin-", 40),
    ("sk-ant-", 60),
    ("sk-or-v1-", 40),
    ("AIza", 39),
    ("gsk_", 50),
    ("xai-", 60),
    // The oldest kind, without a word of what it is.
    ("sk-", 51),
];

/// The header that holds what looks like a key to a real provider, if one does.
///
/// A mock that takes real keys teaches people to leave them where a mock is used: in test files, and in logs.
pub(super) fn real_key(headers: &HeaderMap) -> Option<&str> {
    let found = headers.iter().find(|(_, value)| {
        let words = value.to_str().unwrap_or_default().split_whitespace();
        words.last().is_some_and(is_real)
    });
    found.map(|(name, _)| name.as_str())
}

fn is_real(key: &str) -> bool {
    let long = BEGINNINGS
        .into_iter()
        .any(|(beginning, length)| key.starts_with(beginning) && key.len() >= length);
    // Made by chance, as keys are, and not by a hand that holds down `x`.
    let random = || {
        let mut seen = [false; 128];
        key.bytes()
            .filter(u8::is_ascii)
            .for_each(|byte| seen[usize::from(byte)] = true);
        seen.into_iter().filter(|seen| *seen).count() >= 16
    };
    long && random()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_could_be_real_is_known_by_its_looks() {
        let real = [
            "sk-proj-Zk3v9QpXw7LmNbTyUiOaSdFgHjKl1234567890AbCdEf",
            "sk-ant-api03-Zk3v9QpXw7LmNbTyUiOaSdFgHjKl1234567890AbCdEfGhIjKlMnOpQrSt",
            "sk-Zk3v9QpXw7LmNbTyUiOaSdFgHjKl1234567890AbCdEfGhIjKlMnO",
        ];
        for key in real {
            assert!(is_real(key), "{key}");
        }
        let made_up = [
            "test",
            "sk-test",
            "sk-mock-1234567890",
            "sk-proj-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "not-needed",
            "",
        ];
        for key in made_up {
            assert!(!is_real(key), "{key}");
        }
    }

    #[test]
    fn every_header_that_holds_keys_is_looked_at() {
        let key = "sk-proj-Zk3v9QpXw7LmNbTyUiOaSdFgHjKl1234567890AbCdEf";
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "Bearer test".parse().unwrap());
        assert_eq!(real_key(&headers), None);
        headers.insert("x-api-key", key.parse().unwrap());
        assert_eq!(real_key(&headers), Some("x-api-key"));
        headers.insert("authorization", format!("Bearer {key}").parse().unwrap());
        assert_eq!(real_key(&headers), Some("authorization"));
    }
}
