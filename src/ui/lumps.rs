use std::fmt::{self, Write};

use crate::words::Failure;

/// Bytes that are gathered before they are handed on.
const LUMP: usize = 64 << 10;

/// Text that is handed on in lumps while it is made: what is shown of a large plan is as large as the plan.
pub(super) struct Lumps<'a> {
    text: String,
    print: &'a mut dyn FnMut(&str) -> Result<(), Failure>,
}

impl<'a> Lumps<'a> {
    pub(super) fn new(print: &'a mut dyn FnMut(&str) -> Result<(), Failure>) -> Self {
        Self {
            text: String::new(),
            print,
        }
    }

    /// Adds a line, without the spaces at its end.
    pub(super) fn line(&mut self, line: fmt::Arguments<'_>) {
        let start = self.text.len();
        // Writing to a String cannot fail.
        let _ = self.text.write_fmt(line);
        let kept = self.text[start..].trim_end_matches(' ').len();
        self.text.truncate(start + kept);
        self.text.push('\n');
    }

    /// Adds an empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Hands on what was gathered if it is much. Fails as the printing does.
    pub(super) fn pass(&mut self) -> Result<(), Failure> {
        if self.text.len() < LUMP {
            return Ok(());
        }
        (self.print)(&self.text)?;
        self.text.clear();
        Ok(())
    }

    /// Hands on the rest.
    pub(super) fn end(self) -> Result<(), Failure> {
        (self.print)(&self.text)
    }
}
