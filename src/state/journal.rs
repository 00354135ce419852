use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Record;
use crate::crash;
use crate::words::{Exit, Failure};

/// The record of what was done with a plan: lines that are only ever added, each synced before the act that it announces.
///
/// A line is the CRC-32 of its JSON in eight hexadecimal digits, a space, the JSON, a line feed. A last line that a crash
/// tore is cut off; damage before it is an error, for the record would no longer be one.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    entries: Vec<Entry>,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1, without gaps: order is told by this and never by the clock.
    pub number: u64,
    /// The time of day by the clock of this machine, for people.
    pub at: String,
    /// What is recorded.
    #[serde(flatten)]
    pub record: Record,
}

impl Journal {
    /// Opens the journal in a plan's state folder for adding to it. A torn last line is cut off.
    ///
    /// Fails with exit 9 for damage before the last line, naming the file and `--forget-session`.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join("journal");
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| {
                Failure::io("open", &path, &error).help("name a folder with `--state-dir DIR`")
            })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|error| Failure::io("read", &path, &error))?;
        let (entries, whole) = parse(&path, &bytes)?;
        if whole < bytes.len() {
            file.set_len(whole as u64)
                .map_err(|error| Failure::io("mend", &path, &error))?;
        }
        Ok(Self { path, file, entries })
    }

    /// Reads the entries of a journal without touching it; none where there is no journal.
    pub fn read(folder: &Path) -> Result<Vec<Entry>, Failure> {
        let path = folder.join("journal");
        match std::fs::read(&path) {
            Ok(bytes) => Ok(parse(&path, &bytes)?.0),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Failure::io("read", &path, &error)),
        }
    }

    /// Moves a journal that cannot be read out of the way, keeping it; returns its new name.
    pub fn forget(folder: &Path) -> Result<Option<PathBuf>, Failure> {
        let path = folder.join("journal");
        if !path.exists() {
            return Ok(None);
        }
        let kept = (1..)
            .map(|n| folder.join(format!("journal.forgotten-{n}")))
            .find(|kept| !kept.exists());
        let kept = kept.unwrap_or_else(|| folder.join("journal.forgotten"));
        std::fs::rename(&path, &kept).map_err(|error| Failure::io("move", &path, &error))?;
        Ok(Some(kept))
    }

    /// Everything recorded so far.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds a record and waits until it is on the disk.
    ///
    /// Fails with exit 9: what it announces must not be done then.
    pub fn add(&mut self, record: Record) -> Result<(), Failure> {
        let entry = Entry {
            number: self.entries.last().map_or(1, |entry| entry.number + 1),
            at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            record,
        };
        let json = serde_json::to_string(&entry).map_err(|error| {
            Failure::new(
                Exit::LocalIo,
                "journal",
                format!("cannot write a record: {error}"),
            )
        })?;
        let line = format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
        let before = self.file.metadata().map(|data| data.len());
        crash::point();
        let written = self.write(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Half a line would hide the next one: take it back while we can.
            if let Ok(length) = before {
                let _ = self.file.set_len(length);
            }
            return Err(Failure::io("write to the journal", &self.path, &error).help(
                "nothing was done that is not on record; make room, or name a folder with `--state-dir DIR`",
            ));
        }
        crash::point();
        self.entries.push(entry);
        Ok(())
    }

    fn write(&mut self, line: &[u8]) -> std::io::Result<()> {
        if !crash::is_armed() {
            return self.file.write_all(line);
        }
        let (head, tail) = line.split_at(line.len() / 2);
        self.file.write_all(head)?;
        crash::point();
        self.file.write_all(tail)
    }
}

/// Reads all whole lines; returns the entries and how many bytes they take.
fn parse(path: &Path, bytes: &[u8]) -> Result<(Vec<Entry>, usize), Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut start = 0;
    while let Some(length) = memchr::memchr(b'\n', &bytes[start..]) {
        let end = start + length + 1;
        let expected = entries.last().map_or(1, |entry| entry.number + 1);
        match line(&bytes[start..end - 1]) {
            Some(entry) if entry.number == expected => entries.push(entry),
            // A line that was torn and then filled up (as some file systems do) is the last one.
            _ if end == bytes.len() => return Ok((entries, start)),
            _ => {
                let text = format!(
                    "the journal `{}` is damaged at line {}",
                    path.display(),
                    entries.len() + 1
                );
                return Err(Failure::new(Exit::LocalIo, "journal-damaged", text).help(
                    "the plan itself is whole: `stepgate run PLAN --forget-session` puts the journal aside and starts a new one",
                ));
            }
        }
        start = end;
    }
    Ok((entries, start))
}

fn line(bytes: &[u8]) -> Option<Entry> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (sum, json) = text.split_once(' ')?;
    let sum = u32::from_str_radix(sum, 16).ok().filter(|_| sum.len() == 8)?;
    (sum == crc32fast::hash(json.as_bytes())).then(|| serde_json::from_str(json).ok())?
}
