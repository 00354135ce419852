use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
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

    /// Adds text. That it cannot be written is not worth a reply: the reply itself is kept when it is whole.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(&secrets::redact(text));
        let waiting = self.text.len() - self.written;
        if waiting >= PIECE || self.last.elapsed() >= AGE {
            let _ = self.file.write_all(&self.text.as_bytes()[self.written..]);
            self.written = self.text.len();
            self.last = Instant::now();
        }
    }

    /// Forgets what came: the attempt is void.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.written = 0;
        let _ = self.file.set_len(0);
        let _ = std::io::Seek::rewind(&mut self.file);
    }

    /// Ends it, removes the file and gives out the text.
    pub(crate) fn end(self) -> String {
        let _ = fs::remove_file(&self.path);
        self.text
    }

    /// Leaves the file where it is, with all that came.
    pub(crate) fn leave(mut self) {
        let _ = self.file.write_all(&self.text.as_bytes()[self.written..]);
        let _ = self.file.sync_data();
    }

    /// Leaves the file where it is, for what failed when the whole reply was to be kept, and says where that is.
    pub(crate) fn rescue(mut self, failure: Failure) -> Failure {
        let rest = self.file.write_all(&self.text.as_bytes()[self.written..]);
        let synced = rest.and_then(|()| self.file.sync_data());
        let what = if synced.is_ok() {
            "the whole reply"
        } else {
            "what could be written of the reply"
        };
        failure.help(format!("{what} is in `{}`", self.path.display()))
    }
}
