//! Opens files of settings with care: they may be links, pipes, enormous, or somebody else's.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

use crate::words::{Exit, Failure, Source, printable_line};

/// No file of settings is this large.
const LIMIT: u64 = 1 << 20;

/// Who may have written the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// The user's own: links are followed, and nobody else may be able to change it, for it says where prompts go.
    User,
    /// A part of the repository: links are not followed, so that it cannot show another file's lines.
    Repository,
}

/// Reads a file; `None` when there is none.
///
/// Fails with exit code 6 when it is no regular file, larger than 1 MiB, not text, or the user's file can be changed by
/// others; with exit code 9 when the disk fails.
pub(super) fn read(path: &Path, trust: Trust) -> Result<Option<Source>, Failure> {
    let file = match open(path, trust) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Err(refused(
                path,
                "it is a symbolic link, which could show any file's lines",
            ));
        }
        Err(error) => return Err(Failure::io("open", path, &error)),
    };
    let metadata = file
        .metadata()
        .map_err(|error| Failure::io("read", path, &error))?;
    // /dev/null is the usual way to say "no settings".
    if !metadata.is_file() && path != Path::new("/dev/null") {
        return Err(refused(path, "it is not a regular file"));
    }
    if trust == Trust::User && metadata.is_file() {
        let own = rustix::process::geteuid().as_raw();
        if own != 0 && metadata.uid() != own && metadata.uid() != 0 {
            return Err(refused(
                path,
                "it belongs to another user, who could send your prompts elsewhere",
            )
            .help(format!(
                "make it yours: `chown {own} {}`",
                printable_line(&path.to_string_lossy())
            )));
        }
        if metadata.mode() & 0o002 != 0 {
            return Err(refused(
                path,
                "every user of this machine can change it, and so send your prompts elsewhere",
            )
            .help(format!(
                "run `chmod o-w {}`",
                printable_line(&path.to_string_lossy())
            )));
        }
    }
    let mut bytes = Vec::new();
    let read = file.take(LIMIT + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::io("read", path, &error))?;
    if bytes.len() as u64 > LIMIT {
        return Err(refused(path, "it is larger than 1 MiB"));
    }
    let shown = printable_line(&path.to_string_lossy()).into_owned();
    match Source::new(shown, bytes) {
        Ok(source) => Ok(Some(source)),
        Err(mut diagnostic) => {
            // A line that is not text may hold a key all the same.
            if let Some(place) = &mut diagnostic.place {
                place.excerpt = String::new();
            }
            Err(Failure {
                exit: Exit::Configuration,
                diagnostics: vec![*diagnostic],
            })
        }
    }
}

fn open(path: &Path, trust: Trust) -> io::Result<File> {
    // Without waiting, so that a pipe without a writer does not hang.
    let mut flags = OFlags::NONBLOCK | OFlags::CLOEXEC;
    if trust == Trust::Repository {
        flags |= OFlags::NOFOLLOW;
    }
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

fn refused(path: &Path, why: &str) -> Failure {
    let text = format!(
        "cannot take settings from `{}`: {why}",
        printable_line(&path.to_string_lossy())
    );
    Failure::new(Exit::Configuration, "settings-file", text)
}
