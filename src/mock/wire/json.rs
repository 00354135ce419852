use std::io::Write as _;

/// Writes JSON whose shape is fixed: the parts that never change as they stand, the values between them.
///
/// A reply is made for every request, so it is written once into its bytes instead of being built as a tree first.
#[derive(Debug)]
pub(super) struct Json<'a>(pub(super) &'a mut Vec<u8>);

impl Json<'_> {
    /// Writes what is JSON already.
    pub(super) fn raw(&mut self, json: &str) -> &mut Self {
        self.0.extend_from_slice(json.as_bytes());
        self
    }

    /// Writes a string in its quotes.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        // Memory takes every byte, and every text is a JSON string: there is nothing that could fail.
        let _ = serde_json::to_writer(&mut *self.0, text);
        self
    }

    /// Writes a number.
    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        let _ = write!(self.0, "{number}");
        self
    }

    /// Writes a number of seconds since 1970.
    pub(super) fn seconds(&mut self, seconds: i64) -> &mut Self {
        let _ = write!(self.0, "{seconds}");
        self
    }

    /// Writes a string, or `null`.
    pub(super) fn maybe(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }

    /// Writes a JSON object that a user gave, on one line; an empty one where it is none.
    pub(super) fn object(&mut self, json: &str) -> &mut Self {
        match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(json) {
            Ok(object) => {
                let _ = serde_json::to_writer(&mut *self.0, &object);
                self
            }
            Err(_) => self.raw("{}"),
        }
    }
}
