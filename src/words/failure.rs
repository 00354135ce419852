use std::fmt;

use super::{Diagnostic, Exit};

/// stepgate could not do its work: the exit code, and what to tell the user.
///
/// A failed check or a "no" is a value and never one of these. Modules whose callers branch on what went wrong have a
/// typed error of their own and turn it into a `Failure` at their edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What the process returns.
    pub exit: Exit,
    /// What to tell the user; nothing where the exit code says it all.
    pub diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// A failure with one finding; `rule` is its stable identifier.
    pub fn new(exit: Exit, rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit,
            diagnostics: vec![Diagnostic::error(rule, message)],
        }
    }

    /// An end of which nothing is said: by a signal, or by the person's own no.
    pub fn silent(exit: Exit) -> Self {
        Self {
            exit,
            diagnostics: Vec::new(),
        }
    }

    /// A failure of the local disk: what was done to which path, what the system said, and what to do where the disk
    /// itself is the matter.
    pub fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let text = format!("cannot {doing} `{}`: {}", path.display(), plain(error));
        let failure = Self::new(Exit::LocalIo, "local-io", text);
        match remedy(error) {
            Some(remedy) => failure.help(remedy),
            None => failure,
        }
    }

    /// A failure to write on standard output: exit 9, and 141 without a word where its reader is gone.
    pub fn stdout(error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            // As if SIGPIPE had ended it: whoever reads has what they wanted, and nobody is told.
            return Self::silent(Exit::Signal(13));
        }
        Self::io("write to", std::path::Path::new("standard output"), error)
    }

    /// Adds a thing to do to the last finding.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        if let Some(last) = self.diagnostics.pop() {
            self.diagnostics.push(last.help(help));
        }
        self
    }

    /// Says where the last finding is.
    pub fn at(mut self, place: super::Place) -> Self {
        if let Some(last) = self.diagnostics.pop() {
            self.diagnostics.push(last.at(place));
        }
        self
    }

    /// Says what stands there.
    pub fn found(mut self, found: impl Into<String>) -> Self {
        if let Some(last) = self.diagnostics.pop() {
            self.diagnostics.push(last.found(found));
        }
        self
    }
}

/// What helps where the disk says no, whatever was done to it.
fn remedy(error: &std::io::Error) -> Option<&'static str> {
    match errno(error)? {
        rustix::io::Errno::NOSPC | rustix::io::Errno::DQUOT => Some("make room there, then run again"),
        rustix::io::Errno::ROFS => Some("make it possible to write there, then run again"),
        rustix::io::Errno::IO => Some("see to the disk or to how it is reached, then run again"),
        _ => None,
    }
}

/// The number of the error; a library that names a path in it leaves it in the words only.
fn errno(error: &std::io::Error) -> Option<rustix::io::Errno> {
    let told = || {
        let text = error.to_string();
        let (_, number) = text.rsplit_once("(os error ")?;
        number.split(')').next()?.parse().ok()
    };
    let number = error.raw_os_error().or_else(told)?;
    Some(rustix::io::Errno::from_raw_os_error(number))
}

/// What the system said, without Rust's "(os error N)".
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_lowercase(),
        None => text,
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            exit: Exit::Invalid,
            diagnostics: vec![diagnostic],
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            if let Some(place) = &diagnostic.place {
                write!(f, "{}:{}:{}: ", place.path, place.line, place.column)?;
            }
            f.write_str(&diagnostic.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
