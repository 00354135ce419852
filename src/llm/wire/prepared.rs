use super::{Dialect, Options};
use crate::llm::Request;
use crate::words::Digest;

/// The bodies of requests that begin alike, encoded once but for the text that is each one's own.
///
/// Thousands of requests of a plan differ in a few kilobytes each: what they share is neither encoded nor copied anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Prepared {
    /// Prepares the bodies of requests with this system text, whose own texts follow `shared`.
    pub fn new(dialect: Dialect, options: &Options, system: &str, shared: &str) -> Self {
        // Stands in for a request's own text: no text can hold its own digest.
        let mark = Digest::of(format!("{system}\0{shared}"));
        let request = Request {
            system: system.into(),
            shared: shared.into(),
            own: mark.as_str().to_owned(),
            ..Request::default()
        };
        let body = dialect.encode(&request, options);
        // Further keys of the body may have been given the same digits; texts come last in every dialect.
        let at = memchr::memmem::rfind(&body, mark.as_str().as_bytes()).unwrap_or(body.len());
        let tail = body.get(at + mark.as_str().len()..).unwrap_or_default().to_vec();
        let mut head = body;
        head.truncate(at);
        head.shrink_to_fit();
        Self { head, tail }
    }

    /// The body of a request whose own text is `own`: what stands before it, the text as it stands in a JSON string, and
    /// what stands behind it. `None` for a blank text, which some dialects leave out: such a body is encoded as a whole.
    pub fn around(&self, own: &str) -> Option<(&[u8], &[u8])> {
        (!own.trim().is_empty()).then_some((self.head.as_slice(), self.tail.as_slice()))
    }
}

/// A text as it stands between the quotes of a JSON string.
pub fn escaped(text: &str) -> String {
    let mut json = Vec::with_capacity(text.len() + text.len() / 16 + 2);
    // Into memory nothing fails, and a string is never refused.
    let _ = serde_json::to_writer(&mut json, text);
    json.pop();
    json.drain(..1.min(json.len()));
    String::from_utf8(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OWN: [&str; 4] = [
        "one",
        "\"quoted\"\n\tand \\ \u{1f}\u{2028}",
        "üñ\u{1f600}",
        "ends in a backslash \\",
    ];

    #[test]
    fn the_parts_are_the_body() {
        let body = json!({"temperature": 0, "note": "d"});
        let options = Options {
            model: "m\"1".to_owned(),
            max_tokens: Some(9),
            body: body.as_object().unwrap().clone(),
            whole: true,
            ..Options::default()
        };
        for dialect in Dialect::ALL {
            for (system, shared) in [("s\n", "shared \"text\"\n"), ("", ""), ("s", " "), ("ü", "\\")] {
                let prepared = Prepared::new(dialect, &options, system, shared);
                for own in OWN {
                    let request = Request {
                        system: system.into(),
                        shared: shared.into(),
                        own: own.to_owned(),
                        ..Request::default()
                    };
                    let (head, tail) = prepared.around(own).unwrap();
                    let body = [head, escaped(own).as_bytes(), tail].concat();
                    assert_eq!(
                        String::from_utf8(body).unwrap(),
                        String::from_utf8(dialect.encode(&request, &options)).unwrap()
                    );
                }
                assert_eq!(prepared.around(" \n"), None);
            }
        }
    }
}
