use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::words::{Failure, secrets};

/// Text is written to the file when there is this much of it, or when it is this old.
const PIECE: usize = 4 << 10;
const AGE: Duration = Duration::from_millis(200);

/// What has come of a reply so far, kept as a file while it comes, so that a session that is killed does not take it
/// along. It is shown to a person and never read for edits.
pub(crate) struct Partial {
    path: PathBuf,
    file: File,
    text: String,
    written: usize,
    last: Instant,
}

impl Partial {
    /// Where the partial reply of a step is kept, in the plan's state folder.
    pub(crate) fn path(folder: &Path, step: &str) -> PathBuf {
        folder.join(format!("partial-{step}.md"))
    }

    /// Takes away those in a plan's state folder that are not wanted any more, by the name of what they are of.
    pub(crate) fn sweep(folder: &Path, wanted: impl Fn(&str) -> bool) {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        for name in entries.filter_map(|entry| entry.file_name().into_string().ok()) {
            let of = name
                .strip_prefix("partial-")
                .and_then(|name| name.strip_suffix(".md"));
            if of.is_some_and(|of| !wanted(of)) {
                let _ = fs::remove_file(folder.join(&name));
            }
        }
    }

    /// Begins an empty one in the place of any earlier.
    pub(crate) fn begin(folder: &Path, step: &str) -> Result<Self, Failure> {
        let path = Self::path(folder, step);
        let file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| Failure::io("write", &path, &error).help("nothing was sent"))?;
        Ok(Self {
            path,
            file,
            text: String::new(),
            written: 0,
            last: Instant::now(),
        })
    }

    /// Gives it back when the request is on record; where it could not be put there nothing comes, and the file goes.
    pub(crate) fn announced(self, recorded: Result<(), Failure>) -> Result<Self, Failure> {
        match recorded {
            Ok(()) => Ok(self),
            Err(failure) => {
                self.end();
                Err(failure)
            }
        }
    }

    /// Adds text. That it cannot be written is not worth a reply: the reply itself is kept when it is whole.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(&secrets::redact(text));
        let waiting = self.text.len() - self.written;
        if waiting >= PIECE || self.last.elapsed() >= AGE {
            let _ = self.write();
            self.last = Instant::now();
        }
    }

    /// Writes what the file does not have yet. What could not be written is tried again the next time.
    fn write(&mut self) -> io::Result<()> {
        let (rest, at) = (&self.text.as_bytes()[self.written..], self.written as u64);
        self.file.write_all_at(rest, at)?;
        self.written = self.text.len();
        Ok(())
    }

    /// What came so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Forgets what came: the attempt is void.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.written = 0;
        let _ = self.file.set_len(0);
    }

    /// Ends it and removes the file.
    pub(crate) fn end(self) {
        let _ = fs::remove_file(self.path);
    }

    /// Leaves the file where it is, with all that came.
    pub(crate) fn leave(mut self) {
        let _ = self.write().and_then(|()| self.file.sync_data());
    }

    /// Ends it when the reply is on record; where it could not be put there, the file stays.
    pub(crate) fn settle(self, recorded: Result<(), Failure>) -> Result<(), Failure> {
        match recorded {
            Ok(()) => {
                self.end();
                Ok(())
            }
            Err(failure) => Err(self.rescue(failure)),
        }
    }

    /// Leaves the file where it is, for what failed when the whole reply was to be kept, and says where that is.
    pub(crate) fn rescue(mut self, failure: Failure) -> Failure {
        let written = self.write().and_then(|()| self.file.sync_data());
        let what = match written {
            Ok(()) => "the whole reply",
            Err(_) => "what could be written of the reply",
        };
        failure.help(format!("{what} is in `{}`", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Exit;

    #[test]
    fn a_reply_that_is_not_on_record_stays_whole() {
        let temp = tempfile::tempdir().unwrap();
        let path = Partial::path(temp.path(), "1.1");
        let begun = |pieces: &[&str]| {
            let mut partial = Partial::begin(temp.path(), "1.1").unwrap();
            partial.push(&"void ".repeat(PIECE));
            partial.clear();
            pieces.iter().for_each(|piece| partial.push(piece));
            partial
        };
        let long = "long ".repeat(PIECE);
        let failure = Failure::new(Exit::LocalIo, "local-io", "no room");
        let told = format!("the whole reply is in `{}`", path.display());
        assert_eq!(
            begun(&[&long, "short"]).settle(Err(failure.clone())),
            Err(failure.help(told))
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{long}short"));
        assert_eq!(begun(&["some"]).settle(Ok(())), Ok(()));
        assert!(!path.exists());
    }
}
