use super::disk::{self, ReadError, WalkError};
use super::{PathProblem, RelativePath, Root};
use crate::words::{Diagnostic, Source};

/// A document past this size fits no model.
const DOCUMENT_LIMIT: u64 = 4 << 20;

/// Why a document of the plan cannot be read. The caller puts the plan's line to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// Not a path beneath the root, by its text.
    #[error("{0}")]
    Outside(PathProblem),
    /// It, or a folder above it, is a symbolic link.
    #[error("`{0}` is a symbolic link, which is not followed")]
    Link(String),
    /// A folder, a device, a fifo; or a part of the path is a file.
    #[error("`{path}` is {kind}")]
    NotAFile {
        /// The part of the path.
        path: String,
        /// What it is, in words.
        kind: &'static str,
    },
    /// Past the limit.
    #[error("it has {size} bytes, and the limit is {limit}")]
    TooBig {
        /// Bytes that it has.
        size: u64,
        /// Bytes that it may have.
        limit: u64,
    },
    /// Not UTF-8, a NUL byte, or a line without end; the finding has the document's line.
    #[error("{}", .0.message)]
    NotText(Box<Diagnostic>),
    /// The system did not give it; what it said.
    #[error("{0}")]
    Unreadable(String),
}

impl Root {
    /// Reads a document of the plan, by its path from the root. Follows no link, does not block, reads at most 4 MiB.
    pub fn document(&self, path: &str) -> Result<Source, DocumentError> {
        let parsed = RelativePath::parse(path).map_err(DocumentError::Outside)?;
        let folder = match disk::folder(&self.handle, &parsed) {
            Ok(Some(folder)) => folder,
            Ok(None) => return Err(DocumentError::Missing),
            Err(WalkError::Link(part)) => return Err(DocumentError::Link(part)),
            Err(WalkError::NotFolder(path)) => {
                return Err(DocumentError::NotAFile {
                    path,
                    kind: "not a folder",
                });
            }
            Err(WalkError::Io(error)) => return Err(unreadable(error)),
        };
        let bytes = disk::read(&folder, parsed.name(), DOCUMENT_LIMIT).map_err(|error| match error {
            ReadError::Missing => DocumentError::Missing,
            ReadError::Link => DocumentError::Link(parsed.to_string()),
            ReadError::Kind(kind) => DocumentError::NotAFile {
                path: parsed.to_string(),
                kind: disk::kind_name(kind),
            },
            ReadError::TooBig(size) => DocumentError::TooBig {
                size,
                limit: DOCUMENT_LIMIT,
            },
            ReadError::Io(error) => unreadable(error),
        })?;
        Source::new(parsed.as_str(), bytes).map_err(DocumentError::NotText)
    }
}

fn unreadable(error: rustix::io::Errno) -> DocumentError {
    let text = std::io::Error::from(error).to_string();
    let text = text.split(" (os error").next().unwrap_or(&text).to_lowercase();
    DocumentError::Unreadable(text)
}
