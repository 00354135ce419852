//! The words of a scenario that a recorded exchange becomes.

use std::fmt::Write as _;

use super::wash::Piece;
use crate::words::printable_line;

/// The most that is told of a name that a client chose.
const NAME_LIMIT: usize = 100;

/// A whole exchange, without its body.
#[derive(Debug)]
pub(super) struct Taken {
    /// Digest of the request.
    pub(super) request: String,
    /// Method and path, without keys.
    pub(super) name: String,
    /// The model that was asked for, where it could be read.
    pub(super) model: Option<String>,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) pieces: Vec<Piece>,
}

/// The beginning of a scenario.
pub(super) fn head(upstream: &str) -> String {
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d");
    format!(
        "description = {}\n",
        quoted(&format!("recorded from {upstream} on {today}"))
    )
}

impl Taken {
    /// A rule for its request, with its first reply. `number` is that of the exchange, `file` the body's.
    pub(super) fn rule(&self, number: u64, file: &str) -> String {
        let mut description = shortened(&self.name);
        if let Some(model) = &self.model {
            description.push_str(", model ");
            description.push_str(&shortened(model));
        }
        // Writing to a String cannot fail.
        let _ = write!(description, ", #{number}");
        format!(
            "\n[[rule]]\ndescription = {}\n{}\n{}",
            quoted(&description),
            when(&self.request),
            self.reply(file)
        )
    }

    /// One more reply of its rule.
    pub(super) fn reply(&self, file: &str) -> String {
        let headers: Vec<String> = self
            .headers
            .iter()
            .map(|(name, value)| format!("[{}, {}]", quoted(name), quoted(value)))
            .collect();
        let pieces: Vec<String> = self
            .pieces
            .iter()
            .map(|piece| format!("[{:.1}, {}]", piece.wait.as_secs_f64() * 1000.0, piece.bytes))
            .collect();
        format!(
            "[[rule.reply]]\nrecorded = {{ status = {}, headers = [{}], file = {}, pieces = [{}] }}\n",
            self.status,
            headers.join(", "),
            quoted(file),
            pieces.join(", ")
        )
    }
}

/// The line that says which request a rule answers.
fn when(request: &str) -> String {
    format!("when = {{ request = \"{request}\" }}")
}

/// The request that such a line names.
pub(super) fn request_of(line: &str) -> Option<&str> {
    let request = line
        .trim_end()
        .strip_prefix("when = { request = \"")?
        .strip_suffix("\" }")?;
    (request.len() == 64).then_some(request)
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn shortened(name: &str) -> String {
    let name = printable_line(name);
    match name.char_indices().nth(NAME_LIMIT) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_exchange_becomes_a_rule() {
        let taken = Taken {
            request: "0".repeat(64),
            name: "POST /v1/\"x\"".to_owned(),
            model: Some("m".repeat(101)),
            status: 200,
            headers: vec![("content-type".to_owned(), "a; b=\"c\\\"".to_owned())],
            pieces: [(412_000, 310), (18_549, 222)]
                .map(|(wait, bytes)| Piece {
                    wait: Duration::from_micros(wait),
                    bytes,
                })
                .to_vec(),
        };
        let text = taken.rule(3, "recorded/3.body");
        let expected = format!(
            "
[[rule]]
description = 'POST /v1/\"x\", model {}…, #3'
when = {{ request = \"{}\" }}
[[rule.reply]]
recorded = {{ status = 200, headers = [[\"content-type\", 'a; b=\"c\\\"']], file = \"recorded/3.body\", pieces = [[412.0, 310], [18.5, 222]] }}
",
            "m".repeat(100),
            "0".repeat(64)
        );
        assert_eq!(text, expected);
        assert_eq!(text.lines().find_map(request_of), Some(taken.request.as_str()));
        toml::from_str::<toml::Table>(&text).unwrap();
    }
}
