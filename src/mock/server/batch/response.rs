use std::fs::File;
use std::io;
use std::path::Path;

use bytes::Bytes;
use serde_json::Value;

/// What a batch engine answers.
#[derive(Debug)]
pub(crate) struct Response {
    /// HTTP status.
    pub(crate) status: u16,
    /// Names, in lower case, with their values. The length of the body is not among them.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Body,
}

/// The body of a response.
#[derive(Debug)]
pub(crate) enum Body {
    /// In memory.
    Bytes(Bytes),
    /// On disk, to be read from its beginning. It stays readable when the file is deleted meanwhile.
    File {
        /// Open for reading.
        file: File,
        /// In bytes.
        length: u64,
    },
}

impl Response {
    /// A response of JSON.
    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Body::Bytes(value.to_string().into()),
        }
    }

    /// A response of a file's content.
    ///
    /// # Errors
    ///
    /// Where the file cannot be opened.
    pub(super) fn file(path: &Path, content_type: &str) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self {
            status: 200,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: Body::File { file, length },
        })
    }

    /// The same with one more header.
    pub(super) fn header(mut self, name: &str, value: String) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }
}
