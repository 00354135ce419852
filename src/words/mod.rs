//! Floor 1: the words that every other floor speaks.
//!
//! Text with places in it, findings about that text, exit codes, and what makes text safe to show. Nothing here reads a
//! file, a terminal or a clock.

mod diagnostic;
mod digest;
mod exit;
mod failure;
mod file_name;
mod joiner;
mod line_ends;
mod redact;
mod safe;
mod say;
pub mod secrets;
mod source;

pub use diagnostic::{Diagnostic, Level, Place};
pub use digest::{Digest, Hasher};
pub use exit::Exit;
pub use failure::Failure;
pub(crate) use file_name::foreign_to_windows;
pub(crate) use joiner::Joiner;
pub use line_ends::unix_lines;
pub(crate) use redact::forms;
pub use redact::{Redactor, is_secret};
pub use safe::{printable, printable_line};
pub use say::{counted, shell_word};
pub use source::{Source, Span};
