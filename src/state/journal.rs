use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Record;
use crate::crash;
use crate::words::{Exit, Failure, secrets};

/// What a log is made of.
pub trait Line: Serialize + DeserializeOwned {
    /// The name of its file.
    const FILE: &'static str;
    /// What to do where it is damaged.
    const MEND: &'static str;

    /// What is read, as it is understood now: what an older line has in other words is told in those of today.
    #[must_use]
    fn understood(self) -> Self {
        self
    }
}

impl Line for Record {
    const FILE: &'static str = "journal";
    const MEND: &'static str = "the plan itself is whole: `stepgate run PLAN --forget-session` puts the journal aside and starts a new one";

    fn understood(self) -> Self {
        match self {
            Self::Checked {
                step,
                attempt,
                check,
                tree,
            } => Self::Checked {
                step,
                attempt,
                check: check.in_hindsight(),
                tree,
            },
            other => other,
        }
    }
}

/// The record of what was done with a plan.
pub type Journal = Log<Record>;

/// One line of the journal.
pub type Entry = Logged<Record>;

/// A record of what was done: lines that are only ever added, each synced before the act that it announces.
///
/// A line is the CRC-32 of its JSON in eight hexadecimal digits, a space, the JSON, a line feed. A last line that a crash
/// tore is cut off; damage before it is an error, for the record would no longer be one.
#[derive(Debug)]
pub struct Log<R> {
    path: PathBuf,
    file: File,
    entries: Vec<Logged<R>>,
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logged<R> {
    /// From 1, without gaps: order is told by this and never by the clock.
    pub number: u64,
    /// The time of day by the clock of this machine, for people.
    pub at: String,
    /// What is recorded.
    #[serde(flatten)]
    pub record: R,
}

impl<R: Line> Log<R> {
    /// Opens the log in a state folder for adding to it. A torn last line is cut off.
    ///
    /// Fails with exit 9 for damage before the last line, naming the file and what to do.
    pub fn open(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(R::FILE);
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

    /// Reads the entries of a log without touching it; none where there is no log.
    pub fn read(folder: &Path) -> Result<Vec<Logged<R>>, Failure> {
        let path = folder.join(R::FILE);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(parse(&path, &bytes)?.0),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Failure::io("read", &path, &error)),
        }
    }

    /// Moves a log that cannot be read out of the way, keeping it; returns its new name.
    pub fn forget(folder: &Path) -> Result<Option<PathBuf>, Failure> {
        let path = folder.join(R::FILE);
        if !path.exists() {
            return Ok(None);
        }
        let kept = (1..)
            .map(|n| folder.join(format!("{}.forgotten-{n}", R::FILE)))
            .find(|kept| !kept.exists());
        let kept = kept.unwrap_or_else(|| folder.join(format!("{}.forgotten", R::FILE)));
        std::fs::rename(&path, &kept).map_err(|error| Failure::io("move", &path, &error))?;
        Ok(Some(kept))
    }

    /// Everything recorded so far.
    pub fn entries(&self) -> &[Logged<R>] {
        &self.entries
    }

    /// Adds a record and waits until it is on the disk.
    ///
    /// Fails with exit 9: what it announces must not be done then.
    pub fn add(&mut self, record: R) -> Result<(), Failure> {
        let entry = Logged {
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
        // What is remembered is what is on the disk.
        let clean = match secrets::redact(&json) {
            Cow::Borrowed(_) => None,
            Cow::Owned(clean) => Some(clean),
        };
        let entry = clean
            .as_deref()
            .and_then(|clean| serde_json::from_str(clean).ok())
            .unwrap_or(entry);
        let json = clean.unwrap_or(json);
        let line = format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
        let before = self.file.metadata().map(|data| data.len());
        crash::point();
        let written = self.write(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Half a line would hide the next one: take it back while we can.
            if let Ok(length) = before {
                let _ = self.file.set_len(length);
            }
            return Err(
                Failure::io(&format!("write to the {}", R::FILE), &self.path, &error)
                    .help("nothing was done that is not on record; `--state-dir DIR` names another folder"),
            );
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
fn parse<R: Line>(path: &Path, bytes: &[u8]) -> Result<(Vec<Logged<R>>, usize), Failure> {
    let mut entries: Vec<Logged<R>> = Vec::new();
    let mut start = 0;
    while let Some(length) = memchr::memchr(b'\n', &bytes[start..]) {
        let end = start + length + 1;
        let expected = entries.last().map_or(1, |entry| entry.number + 1);
        match line::<R>(&bytes[start..end - 1]) {
            Some(entry) if entry.number == expected => entries.push(entry),
            // A line that was torn and then filled up (as some file systems do) is the last one.
            _ if end == bytes.len() => return Ok((entries, start)),
            _ => {
                let text = format!(
                    "the {} `{}` is damaged at line {}",
                    R::FILE,
                    path.display(),
                    entries.len() + 1
                );
                return Err(Failure::new(Exit::LocalIo, "journal-damaged", text).help(R::MEND));
            }
        }
        start = end;
    }
    Ok((entries, start))
}

fn line<R: Line>(bytes: &[u8]) -> Option<Logged<R>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (sum, json) = text.split_once(' ')?;
    let sum = u32::from_str_radix(sum, 16).ok().filter(|_| sum.len() == 8)?;
    let whole = sum == crc32fast::hash(json.as_bytes());
    let mut entry: Logged<R> = whole.then(|| serde_json::from_str(json).ok())??;
    entry.record = entry.record.understood();
    Some(entry)
}
