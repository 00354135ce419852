use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::llm::client::BatchClient;
use crate::llm::wire::batch::{Counts, Engine, Told};
use crate::words::Failure;

/// Results on the disk, in whatever order they came: where each one's line is. Memory holds the ids, and a line at a time.
pub(super) struct Results {
    files: Vec<(PathBuf, File)>,
    lines: HashMap<String, Line>,
    /// Lines that have no id.
    pub(super) unread: usize,
}

/// Where a line is.
struct Line {
    file: usize,
    start: u64,
    length: usize,
}

impl Results {
    /// Reads where the lines of some files are. Of two lines with one id the first counts. A line past `limit` is not
    /// kept.
    pub(super) fn of(paths: Vec<PathBuf>, engine: Engine, limit: u64) -> Result<Self, Failure> {
        let mut results = Self {
            files: Vec::new(),
            lines: HashMap::new(),
            unread: 0,
        };
        for path in paths {
            results.scan(&path, engine, limit)?;
            let file = File::open(&path).map_err(|error| Failure::io("read", &path, &error))?;
            results.files.push((path, file));
        }
        Ok(results)
    }

    fn scan(&mut self, path: &Path, engine: Engine, limit: u64) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::io("read", path, &error);
        let mut reader = BufReader::new(File::open(path).map_err(failed)?);
        let (mut start, mut line) = (0_u64, Vec::new());
        loop {
            line.clear();
            let mut some = reader.by_ref().take(limit);
            let read = some.read_until(b'\n', &mut line).map_err(failed)?;
            if read == 0 {
                return Ok(());
            }
            let mut length = read as u64;
            let whole = line.ends_with(b"\n") || length < limit;
            if !whole {
                length += reader.skip_until(b'\n').map_err(failed)? as u64;
            }
            if !line.trim_ascii().is_empty() {
                match engine.read_id(&line).ok().filter(|_| whole) {
                    Some(id) => {
                        let at = Line {
                            file: self.files.len(),
                            start,
                            length: line.len(),
                        };
                        self.lines.entry(id).or_insert(at);
                    }
                    None => self.unread += 1,
                }
            }
            start += length;
        }
    }

    /// The ids that have a line.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.lines.keys().map(String::as_str)
    }

    /// Whether an id has a line.
    pub(super) fn has(&self, id: &str) -> bool {
        self.lines.contains_key(id)
    }

    /// The line of an id; `None` where there is none.
    pub(super) fn line(&mut self, id: &str) -> Result<Option<Vec<u8>>, Failure> {
        let Some(line) = self.lines.get(id) else {
            return Ok(None);
        };
        let (path, file) = &mut self.files[line.file];
        let mut bytes = vec![0; line.length];
        let read = file
            .seek(SeekFrom::Start(line.start))
            .and_then(|_| file.read_exact(&mut bytes));
        read.map_err(|error| Failure::io("read", path, &error))?;
        Ok(Some(bytes))
    }
}

/// How many results there must be. An engine that took none of it, or stopped, need not give any for what it did not do.
pub(super) fn promised(told: &Told) -> usize {
    let Counts {
        succeeded, failed, ..
    } = told.counts;
    let promised = match told.status.as_str() {
        "completed" | "ended" => succeeded.saturating_add(failed),
        _ => succeeded,
    };
    usize::try_from(promised).unwrap_or(usize::MAX)
}

/// The most bytes of a line of results: text in JSON may take six bytes for each of its own.
pub(super) fn line_limit(client: &BatchClient) -> u64 {
    client.reply_limit().saturating_mul(6).saturating_add(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_their_ids_in_any_order() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let long = format!("{{\"custom_id\":\"long\",\"x\":\"{}\"}}\n", "x".repeat(200));
        let one = write(
            "1",
            &format!("{{\"custom_id\":\"b\"}}\r\n\n{long}{{\"custom_id\":\"a\",\"n\":1}}\nnonsense\n"),
        );
        let two = write(
            "2",
            "{\"n\":2,\"custom_id\":\"c\"}\n{\"custom_id\":\"a\",\"n\":9}",
        );
        let mut results = Results::of(vec![one, two], Engine::OpenAi, 100).unwrap();
        let mut line = |id: &str| {
            let line = results.line(id).unwrap()?;
            Some(String::from_utf8(line).unwrap().trim().to_owned())
        };
        assert_eq!(line("a").unwrap(), r#"{"custom_id":"a","n":1}"#);
        assert_eq!(line("b").unwrap(), r#"{"custom_id":"b"}"#);
        assert_eq!(line("c").unwrap(), r#"{"n":2,"custom_id":"c"}"#);
        assert_eq!(line("long"), None);
        assert_eq!(line("d"), None);
        assert_eq!(results.unread, 2);
    }
}
