use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use http::HeaderMap;
use http::header::HeaderName;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::mock::wire;
use crate::mock::{Dialect, is_secret, step_of};

/// The most requests that are kept in memory.
const KEPT: usize = 1_000;
/// The most bytes of them that are kept in memory, all together.
const KEPT_BYTES: usize = 4 << 20;
/// The most bytes of one body that are kept in memory.
const KEPT_BODY: usize = 256 << 10;

/// The most bytes of the headers of a request that are kept.
const KEPT_HEADERS: usize = 16 << 10;
/// Headers of nearly every request, which hold no secret: to judge a name takes time.
const PLAIN: [&str; 8] = [
    "accept",
    "accept-encoding",
    "anthropic-version",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
];
/// The most requests without an answer that are told at once.
const UNTOLD: usize = 20;

/// A request with what came of it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Milliseconds since the server began.
    pub(super) at: u64,
    pub(super) method: http::Method,
    pub(super) path: String,
    pub(super) dialect: Option<Dialect>,
    pub(super) headers: Kept,
    /// The beginning of the body.
    pub(super) body: Box<[u8]>,
    /// The rule that answered, by its index.
    pub(super) rule: Option<usize>,
    /// The status of the response; none where the connection was closed without one.
    pub(super) status: Option<u16>,
    /// Why no rule answered.
    pub(super) unmatched: Option<String>,
    /// What was read of the body before it was cut to its beginning, where it was.
    pub(super) cut: Option<Read>,
}

/// What a dialect reads of a body.
#[derive(Debug, Clone, Default)]
pub(super) struct Read {
    model: Option<String>,
    stream: Option<bool>,
    step: Option<String>,
}

impl Read {
    fn of(dialect: Option<Dialect>, body: &[u8]) -> Self {
        let Some(asked) = dialect.and_then(|dialect| wire::read(dialect, body).ok()) else {
            return Self::default();
        };
        Self {
            step: step_of(&asked.parts).map(str::to_owned),
            stream: Some(asked.stream),
            model: Some(asked.model.into_owned()),
        }
    }
}

/// A request as it is written down, `stepgate.mock-requests/1`.
#[derive(Serialize)]
struct Line<'a> {
    number: u64,
    at: u64,
    method: &'a str,
    path: &'a str,
    dialect: Option<&'static str>,
    model: Option<String>,
    stream: Option<bool>,
    step: Option<String>,
    rule: Option<&'a str>,
    status: Option<u16>,
    unmatched: Option<&'a str>,
    headers: &'a Kept,
    /// The JSON as it was sent; a text where it is none.
    body: Body<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    body_cut: bool,
}

/// The headers of a request without those that are secret. What a connection reads lies in large pieces, which would all
/// be held by a few words in each; so it is copied.
#[derive(Debug, Clone)]
pub(super) struct Kept(Box<[u8]>);

impl Kept {
    /// Copies headers: each a name, a zero byte, its value and a line feed, which neither may hold.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut kept = Vec::with_capacity(64 * headers.keys_len());
        for name in headers.keys() {
            if kept.len() > KEPT_HEADERS {
                break;
            }
            kept.extend_from_slice(name.as_str().as_bytes());
            kept.push(0);
            said(headers, name, &mut kept);
            kept.push(b'\n');
        }
        Self(kept.into())
    }

    fn pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let lines = self
            .0
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        lines.map(|line| {
            let at = memchr::memchr(0, line).unwrap_or(line.len());
            let value = line.get(at + 1..).unwrap_or_default();
            (
                String::from_utf8_lossy(&line[..at]),
                String::from_utf8_lossy(value),
            )
        })
    }
}

impl Serialize for Kept {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.pairs())
    }
}

/// Writes the values of a header, or a word in place of those that are secret.
fn said(headers: &HeaderMap, name: &HeaderName, out: &mut Vec<u8>) {
    if !PLAIN.contains(&name.as_str()) && is_secret(name.as_str()) {
        return out.extend_from_slice(b"[redacted]");
    }
    for (index, value) in headers.get_all(name).iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        out.extend_from_slice(value.as_bytes());
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Json(&'a RawValue),
    Text(Cow<'a, str>),
    None,
}

impl Entry {
    /// The bytes that it takes up, nearly.
    fn weight(&self) -> usize {
        let why = self.unmatched.as_ref().map_or(0, String::len);
        self.body.len() + self.headers.0.len() + self.path.len() + why
    }

    /// The request as one line of JSON, without its end; `body` is what is there of its body. `rules` are the descriptions of the rules.
    fn line(&self, body: &[u8], rules: &[String]) -> Vec<u8> {
        let read = self.cut.clone().unwrap_or_else(|| Read::of(self.dialect, body));
        let line = Line {
            number: self.number,
            at: self.at,
            method: self.method.as_str(),
            path: &self.path,
            dialect: self.dialect.map(Dialect::word),
            model: read.model,
            stream: read.stream,
            step: read.step,
            rule: self.rule.and_then(|rule| rules.get(rule)).map(String::as_str),
            status: self.status,
            unmatched: self.unmatched.as_deref(),
            headers: &self.headers,
            body: match serde_json::from_slice(body) {
                Ok(json) => Body::Json(json),
                Err(_) if body.is_empty() => Body::None,
                Err(_) => Body::Text(String::from_utf8_lossy(body)),
            },
            body_cut: self.cut.is_some(),
        };
        let bytes = serde_json::to_vec(&line).unwrap_or_default();
        // A line of the log is one line, however the client laid its JSON out.
        if memchr::memchr(b'\n', &bytes).is_some() {
            return serde_json::from_slice::<serde_json::Value>(&bytes)
                .and_then(|value| serde_json::to_vec(&value))
                .unwrap_or_default();
        }
        bytes
    }
}

/// The requests so far: the last ones in memory, all of them on disk where that was asked for.
#[derive(Debug, Default)]
pub(super) struct Log {
    kept: VecDeque<Entry>,
    kept_bytes: usize,
    total: u64,
    /// The same, whatever was cleared.
    ever: u64,
    /// Why no rule answered, for who runs the server; the first few that nobody was told.
    untold: Vec<String>,
    file: Option<File>,
    failed: Option<io::Error>,
}

impl Log {
    /// A log that is also written to a file, behind what it holds. Fails when it cannot be opened.
    pub(super) fn to(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: Some(File::options().append(true).create(true).open(path)?),
            ..Self::default()
        })
    }

    /// Puts down a request with its body; what the entry says of the body is made of it. `rules` are the descriptions of the rules.
    pub(super) fn note(&mut self, mut entry: Entry, body: &[u8], rules: &[String]) {
        self.total += 1;
        self.ever += 1;
        if let Some(why) = &entry.unmatched
            && self.untold.len() < UNTOLD
        {
            self.untold.push(format!("request {}: {why}", entry.number));
        }
        if let Some(file) = &mut self.file {
            let mut line = entry.line(body, rules);
            line.push(b'\n');
            // In one write, so that whoever reads along sees whole lines.
            if let Err(error) = file.write_all(&line) {
                self.failed.get_or_insert(error);
            }
        }
        if body.len() > KEPT_BODY {
            entry.cut = Some(Read::of(entry.dialect, body));
        }
        entry.body = body[..body.len().min(KEPT_BODY)].into();
        self.kept_bytes += entry.weight();
        self.kept.push_back(entry);
        while self.kept.len() > KEPT || self.kept_bytes > KEPT_BYTES {
            let Some(oldest) = self.kept.pop_front() else {
                break;
            };
            self.kept_bytes -= oldest.weight();
        }
    }

    /// All that is in memory, as a document.
    pub(super) fn document(&self, rules: &[String]) -> Vec<u8> {
        let dropped = self.total - u64::try_from(self.kept.len()).unwrap_or(self.total);
        let mut out = format!(
            r#"{{"schema":"stepgate.mock-requests/1","total":{},"dropped":{dropped},"requests":["#,
            self.total
        )
        .into_bytes();
        for (index, entry) in self.kept.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            out.extend(entry.line(&entry.body, rules));
        }
        out.extend(b"]}\n");
        out
    }

    /// Forgets what is in memory. The file stays.
    pub(super) fn clear(&mut self) {
        self.kept.clear();
        self.kept_bytes = 0;
        self.total = 0;
    }

    /// Why no rule answered, since this was asked the last time.
    pub(super) fn untold(&mut self) -> Vec<String> {
        std::mem::take(&mut self.untold)
    }

    /// Notes why a request that stands in another one, a batch, was not answered.
    pub(super) fn untell(&mut self, why: &str) {
        if self.untold.len() < UNTOLD {
            self.untold.push(format!("a request of a batch: {why}"));
        }
    }

    /// How many requests there ever were.
    pub(super) fn ever(&self) -> u64 {
        self.ever
    }

    /// Why the file is not whole.
    pub(super) fn failed(&mut self) -> Option<io::Error> {
        self.failed.take()
    }
}
