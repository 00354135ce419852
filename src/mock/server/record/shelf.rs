use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::rule::{Taken, request_of};
use crate::words::{Exit, Failure};

/// Where a scenario is written.
#[derive(Debug, Clone)]
pub struct Output {
    /// The scenario, a name that ends in `.toml`; bodies stand beside it in a folder of the same name without the ending.
    pub file: PathBuf,
    /// What becomes of one that is there.
    pub existing: Existing,
}

/// What becomes of a scenario that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is left alone, and the recorder does not start.
    Refused,
    /// It is gone on with: an equal request gets one more reply.
    Continued,
    /// It is removed, with its bodies.
    Replaced,
}

/// A scenario on disk that grows by whole exchanges.
#[derive(Debug)]
pub(super) struct Shelf {
    file: PathBuf,
    folder: PathBuf,
    /// The folder as the scenario names it.
    name: String,
    /// The scenario's first lines, until it is there.
    head: String,
    /// Bytes of the scenario.
    length: u64,
    /// Where the rule of each request ends.
    ends: HashMap<String, u64>,
    /// Number of the last body.
    last: u64,
    /// Exchanges kept since the start.
    kept: u64,
    /// Bodies begun since the start.
    begun: u64,
    /// Locked, so that no two recorders write one scenario.
    _lock: File,
}

/// A body that is being written.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) path: PathBuf,
    pub(super) file: File,
}

impl Shelf {
    /// Makes the folder and looks at what is there. `head` begins a new scenario, which is made with its first rule.
    ///
    /// Fails with exit code 2 for a name that does not end in `.toml` or a scenario that is there and was not to be, 6
    /// for one that cannot be gone on with, 9 for a disk that does not take it, 10 while another recorder writes it.
    pub(super) fn open(output: &Output, head: String) -> Result<Self, Failure> {
        let file = output.file.clone();
        let name = match (file.file_stem().and_then(|stem| stem.to_str()), file.extension()) {
            (Some(stem), Some(extension)) if extension == "toml" => stem.to_owned(),
            _ => {
                let text = format!("`{}` is no name for a scenario", file.display());
                return Err(Failure::new(Exit::Usage, "record-output", text)
                    .help("give a name that ends in `.toml`; the bodies go into a folder beside it"));
            }
        };
        if output.existing == Existing::Refused && file.exists() {
            let text = format!("`{}` is there already", file.display());
            return Err(Failure::new(Exit::Usage, "record-output", text)
                .help("`--append` goes on with it, `--force` replaces it, `-o FILE` writes another"));
        }
        let folder = file.with_extension("");
        fs::create_dir_all(&folder).map_err(|error| Failure::io("make", &folder, &error))?;
        let lock = File::open(&folder).map_err(|error| Failure::io("open", &folder, &error))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            let text = format!("another recorder writes `{}`", file.display());
            Failure::new(Exit::Held, "record-held", text)
        })?;
        let mut shelf = Self {
            file,
            folder,
            name,
            head,
            length: 0,
            ends: HashMap::new(),
            last: 0,
            kept: 0,
            begun: 0,
            _lock: lock,
        };
        if output.existing == Existing::Replaced {
            remove(&shelf.file).map_err(|error| Failure::io("remove", &shelf.file, &error))?;
        }
        shelf.clear(output.existing == Existing::Replaced)?;
        if shelf.file.exists() {
            shelf.resume()?;
        }
        Ok(shelf)
    }

    /// The scenario.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Exchanges kept since the start.
    pub(super) fn kept(&self) -> u64 {
        self.kept
    }

    /// Begins a body.
    pub(super) fn part(&mut self) -> io::Result<Part> {
        self.begun += 1;
        let path = self.folder.join(format!("{}.part", self.begun));
        let file = File::create(&path)?;
        Ok(Part { path, file })
    }

    /// Takes a whole exchange and returns its number. The body is in place before the scenario names it.
    pub(super) fn keep(&mut self, taken: &Taken, part: &Path) -> io::Result<u64> {
        let number = self.last + 1;
        let name = format!("{number}.body");
        let body = self.folder.join(&name);
        fs::rename(part, &body)?;
        self.write(taken, number, &format!("{}/{name}", self.name))
            .inspect_err(|_| {
                // Nothing names it.
                let _ = fs::remove_file(&body);
            })?;
        self.last = number;
        self.kept += 1;
        Ok(number)
    }

    /// Replaces the scenario by one with one reply more.
    ///
    /// Copying it whole is what makes it one act for whoever reads or ends this; the copy is made within the kernel.
    fn write(&mut self, taken: &Taken, number: u64, body: &str) -> io::Result<()> {
        let beside = self.file.parent().filter(|parent| !parent.as_os_str().is_empty());
        let mut new = tempfile::Builder::new()
            .prefix(".recorded-")
            // What the user's mask leaves of it, as for any file that is made.
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(beside.unwrap_or(Path::new(".")))?;
        let old = match File::open(&self.file) {
            Ok(old) => Some(old),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let length = old
            .as_ref()
            .map_or(Ok(0), |old| old.metadata().map(|data| data.len()))?;
        if length != self.length {
            return Err(io::Error::other("someone else changed it"));
        }
        let known = self.ends.get(&taken.request).copied();
        let text = match (known, &old) {
            (Some(_), _) => taken.reply(body),
            (None, Some(_)) => taken.rule(number, body),
            (None, None) => format!("{}{}", self.head, taken.rule(number, body)),
        };
        let at = known.unwrap_or(length);
        if let Some(old) = &old {
            io::copy(&mut old.take(at), new.as_file_mut())?;
        }
        new.write_all(text.as_bytes())?;
        if let Some(mut old) = old {
            io::copy(&mut old, new.as_file_mut())?;
        }
        new.persist(&self.file).map_err(|failed| failed.error)?;
        let added = text.len() as u64;
        self.length = length + added;
        for end in self.ends.values_mut().filter(|end| **end > at) {
            *end += added;
        }
        self.ends.insert(taken.request.clone(), at + added);
        Ok(())
    }

    /// Removes bodies that were never finished, and `all` others too, and finds the last number.
    fn clear(&mut self, all: bool) -> Result<(), Failure> {
        let entries =
            fs::read_dir(&self.folder).map_err(|error| Failure::io("look into", &self.folder, &error))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            let (Some(number), Some(extension)) = (number, path.extension()) else {
                continue;
            };
            if extension == "part" || (all && extension == "body") {
                remove(&path).map_err(|error| Failure::io("remove", &path, &error))?;
            } else if extension == "body" {
                self.last = self.last.max(number);
            }
        }
        Ok(())
    }

    /// Finds the rules of a scenario that an earlier recorder wrote. Others in it are left as they are.
    fn resume(&mut self) -> Result<(), Failure> {
        let mut text = String::new();
        let read = File::open(&self.file).and_then(|mut file| file.read_to_string(&mut text));
        read.map_err(|error| Failure::io("read", &self.file, &error))?;
        if let Err(error) = toml::from_str::<toml::Table>(&text) {
            let message = format!("cannot go on with `{}`: {}", self.file.display(), error.message());
            return Err(Failure::new(Exit::Configuration, "mock-scenario", message)
                .help("`--force` replaces it, `-o FILE` writes another"));
        }
        if !text.ends_with('\n') {
            let file = fs::OpenOptions::new().append(true).open(&self.file);
            let ended = file.and_then(|mut file| file.write_all(b"\n"));
            ended.map_err(|error| Failure::io("write", &self.file, &error))?;
            text.push('\n');
        }
        self.length = text.len() as u64;
        let mut request: Option<&str> = None;
        let mut at = 0;
        let mut end = 0;
        for line in text.split_inclusive('\n') {
            at += line.len() as u64;
            if line.starts_with('[') && !line.starts_with("[[rule.") {
                request = None;
            }
            request = request_of(line).or(request);
            if !line.trim().is_empty() {
                end = at;
            }
            if let Some(request) = request {
                self.ends.insert(request.to_owned(), end);
            }
        }
        Ok(())
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
