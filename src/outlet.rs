//! The one door by which text leaves to standard output and standard error: what was [learnt](crate::words::secrets) to be
//! a secret is taken out of it there. `tests/house` sees that nobody goes around it.
//!
//! A secret that comes in two pieces is not seen: whoever passes on pieces of somebody else's text puts them together first
//! (`words/joiner`, behind `llm/client/echo` and `process/run`).

use std::io::{self, Stderr, Stdout, Write};

use crate::words::secrets;

/// Standard output.
pub fn stdout() -> Outlet<Stdout> {
    Outlet(io::stdout())
}

/// Standard error.
pub fn stderr() -> Outlet<Stderr> {
    Outlet(io::stderr())
}

/// A writer from which no known secret leaves.
#[derive(Debug)]
pub struct Outlet<W>(W);

impl<W: Write> Write for Outlet<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(&secrets::redact_bytes(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    /// In one piece, so that a secret among the values is not cut.
    fn write_fmt(&mut self, text: std::fmt::Arguments<'_>) -> io::Result<()> {
        self.write_all(text.to_string().as_bytes())
    }
}
