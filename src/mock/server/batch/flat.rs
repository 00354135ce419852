use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// Makes JSON that fits on one line; what is no JSON becomes a string of its text.
///
/// Bytes that are JSON on one line already stay as they are: a reply arrives as it was written.
pub(super) fn flat(json: &[u8]) -> serde_json::Result<Box<RawValue>> {
    if !json.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
        && let Ok(raw) = serde_json::from_slice::<&RawValue>(json)
    {
        return Ok(raw.to_owned());
    }
    match serde_json::from_slice::<Value>(json) {
        Ok(value) => to_raw_value(&value),
        Err(_) => to_raw_value(&String::from_utf8_lossy(json)),
    }
}

#[cfg(test)]
mod tests {
    use super::flat;

    #[test]
    fn json_is_brought_onto_one_line() {
        let cases: [(&[u8], &str); 4] = [
            (b" {\"b\": 1.10, \"a\":[ ]} ", "{\"b\": 1.10, \"a\":[ ]}"),
            (b"{\n  \"b\": 1,\r\n  \"a\": \"\\n\"\n}\n", r#"{"b":1,"a":"\n"}"#),
            (b"no \"json\"\n", r#""no \"json\"\n""#),
            (b"", r#""""#),
        ];
        for (json, expected) in cases {
            assert_eq!(flat(json).unwrap().get(), expected);
        }
    }
}
